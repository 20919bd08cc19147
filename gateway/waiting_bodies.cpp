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

// 3 is OutboxState::held, 4 OutboxState::rejected.
constexpr const char* kByDestination = R"sql(
DROP TRIGGER body_more;
DROP TRIGGER body_other;
DROP TRIGGER body_less;
DROP TABLE waiting_bodies;
DELETE FROM body WHERE EXISTS (SELECT 1 FROM delivery
    WHERE delivery.unit = body.unit AND delivery.destination = body.destination
        AND (state = 3 OR (state = 4 AND reason IS NOT 'delivery')));
ALTER TABLE body ADD COLUMN waits INTEGER NOT NULL DEFAULT 1;  -- 0: refused there, kept for a person's retry
UPDATE body SET waits = 0 WHERE EXISTS (SELECT 1 FROM delivery
    WHERE delivery.unit = body.unit AND delivery.destination = body.destination AND state = 4);
ALTER TABLE destination ADD COLUMN waiting_bytes INTEGER NOT NULL DEFAULT 0;  -- of its bodies that wait
UPDATE destination SET waiting_bytes = (SELECT COALESCE(SUM(LENGTH(CAST(template AS BLOB))), 0) FROM body
    WHERE body.destination = destination.number AND waits = 1);
CREATE TRIGGER body_more AFTER INSERT ON body BEGIN
    UPDATE destination SET waiting_bytes = waiting_bytes + NEW.waits * LENGTH(CAST(NEW.template AS BLOB))
        WHERE number = NEW.destination;
END;
CREATE TRIGGER body_other AFTER UPDATE ON body BEGIN
    UPDATE destination SET waiting_bytes = waiting_bytes + NEW.waits * LENGTH(CAST(NEW.template AS BLOB))
        - OLD.waits * LENGTH(CAST(OLD.template AS BLOB)) WHERE number = NEW.destination;
END;
CREATE TRIGGER body_less AFTER DELETE ON body BEGIN
    UPDATE destination SET waiting_bytes = waiting_bytes - OLD.waits * LENGTH(CAST(OLD.template AS BLOB))
        WHERE number = OLD.destination;
END;
)sql";

}  // namespace

void add_waiting_bodies(Database& database) {
  database.execute(kWaitingBodies);
}

void count_waiting_bodies_by_destination(Database& database) {
  database.execute(kByDestination);
}

std::int64_t waiting_body_bytes(Database& database, const std::vector<std::string>& destinations) {
  std::int64_t bytes = 0;
  for (const std::string& destination : destinations) {
    auto select = database.prepare("SELECT waiting_bytes FROM destination WHERE id = ?");
    if (select.with(destination).step()) bytes += select.integer(0);
  }
  return bytes;
}

}  // namespace gateway
