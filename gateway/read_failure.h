#pragma once
// What it means that a read of the state database failed (EIO: a bad sector, a path to the disk that broke).
// Waiting cures a disk that comes back, but never a sector.

#include "gateway/sqlite.h"

#include <filesystem>

namespace gateway {

/// So many tries fail, a quarter of a minute of the store's, before anybody asks what it means.
constexpr int kReadTries = 8;

enum class ReadVerdict {
  right,    // all of it can be read and fits: the failure has passed
  damaged,  // it contradicts itself, or it cannot be read while the disk takes and gives back other files
  disk,     // the disk does neither
};

/// Reads the whole database, on a connection of its own, and perhaps twice: seconds, for a large one minutes.
ReadVerdict judge_read_failure(const std::filesystem::path& file);

/// Throws that the database is damaged if `error`, of try number `tries`, turns out to mean that.
void demand_readable(const std::filesystem::path& file, const DatabaseError& error, int tries);

/// What `work` returns; its failure, of try number `tries`, judged like that.
template <class Work>
auto judging_reads(const std::filesystem::path& file, int tries, Work work) {
  try {
    return work();
  } catch (const DatabaseError& error) {
    demand_readable(file, error, tries);
    throw;
  }
}

}  // namespace gateway
