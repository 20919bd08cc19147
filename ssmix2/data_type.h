#pragma once
// データ種別: the kinds of documents in a standardised storage, and the message each must hold.

#include <optional>
#include <span>
#include <string_view>

namespace ssmix2 {

enum class DataType {
  ADT_00,
  ADT_01,
  ADT_02,
  ADT_12,
  ADT_21,
  ADT_22,
  ADT_31,
  ADT_32,
  ADT_41,
  ADT_42,
  ADT_51,
  ADT_52,
  ADT_61,
  PPR_01,
  OMD,
  OMP_01,
  OMP_11,
  OMP_02,
  OMP_12,
  OML_01,
  OML_11,
  OMG_01,
  OMG_11,
  OMG_02,
  OMG_12,
  OMG_03,
  OMG_13,
};

struct DataTypeInfo {
  DataType type;
  std::string_view name;          // as in paths: "PPR-01"
  std::string_view message_code;  // MSH-9.1: "PPR"
  std::string_view event;         // MSH-9.2 where it must be that one; empty: not asked, writers differ
  std::string_view title;         // Japanese name
};

std::span<const DataTypeInfo> data_types();
const DataTypeInfo& info(DataType type);
std::optional<DataType> data_type_named(std::string_view name);

}  // namespace ssmix2
