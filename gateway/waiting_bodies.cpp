#include "gateway/waiting_bodies.h"

namespace gateway {
namespace {

// Kept by triggers, because there are too many to add them up every few seconds. LENGTH of a text counts
// characters.
constexpr const char* kWaitingBodies = R"sql(
DELETE FROM body WHERE NOT EXISTS
    (SELECT 1 FROM delivery WHERE delivery.unit = body.unit AND delivery.destination = body.destination);
CREATE TABLE waiting_bodies (bytes INTEGER NOT NULL) STRICT;
INSERT INTO waiting_bodies SELECT COALESCE(SUM(LENGTH(CAST(template AS BLOB))), 0) FROM body;
CREATE TRIGGER body_more AFTER INSERT ON body BEGIN
    UPDATE waiting_bodies SET bytes = bytes + LENGTH(CAST(NEW.template AS BLOB));
END;
CREATE TRIGGER body_other AFTER UPDATE ON body BEGIN
    UPDATE waiting_bodies
        SET bytes = bytes + LENGTH(CAST(NEW.template AS BLOB)) - LENGTH(CAST(OLD.template AS BLOB));
END;
CREATE TRIGGER body_less AFTER DELETE ON body BEGIN
    UPDATE waiting_bodies SET bytes = bytes - LENGTH(CAST(OLD.template AS BLOB));
END;
)sql";

}  // namespace

void add_waiting_bodies(Database& database) {
  database.execute(kWaitingBodies);
}

std::int64_t waiting_body_bytes(Database& database) {
  auto select = database.prepare("SELECT bytes FROM waiting_bodies");
  return select.step() ? select.integer(0) : 0;
}

}  // namespace gateway
