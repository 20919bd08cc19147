#include "ssmix2/data_type.h"

#include "ssmix2/check.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace ssmix2 {
namespace {

// In the order of DataType. ADT-02 is in no message list of the standard but in use at old sites.
constexpr auto kDataTypes = std::to_array<DataTypeInfo>({
    {DataType::ADT_00, "ADT-00", "ADT", "", "患者基本情報"},
    {DataType::ADT_01, "ADT-01", "ADT", "", "担当医の変更"},
    {DataType::ADT_02, "ADT-02", "ADT", "", "担当医の変更（旧）"},
    {DataType::ADT_12, "ADT-12", "ADT", "", "外来診察の受付"},
    {DataType::ADT_21, "ADT-21", "ADT", "", "入院予定"},
    {DataType::ADT_22, "ADT-22", "ADT", "", "入院実施"},
    {DataType::ADT_31, "ADT-31", "ADT", "", "外出泊実施"},
    {DataType::ADT_32, "ADT-32", "ADT", "", "外出泊帰院実施"},
    {DataType::ADT_41, "ADT-41", "ADT", "", "転科・転棟予定"},
    {DataType::ADT_42, "ADT-42", "ADT", "", "転科・転棟実施"},
    {DataType::ADT_51, "ADT-51", "ADT", "", "退院予定"},
    {DataType::ADT_52, "ADT-52", "ADT", "", "退院実施"},
    {DataType::ADT_61, "ADT-61", "ADT", "A60", "アレルギー情報"},
    {DataType::PPR_01, "PPR-01", "PPR", "", "病名（歴）情報"},
    {DataType::OMD, "OMD", "OMD", "", "食事オーダ"},
    {DataType::OMP_01, "OMP-01", "RDE", "", "処方オーダ"},
    {DataType::OMP_11, "OMP-11", "RAS", "", "処方実施通知"},
    {DataType::OMP_02, "OMP-02", "RDE", "", "注射オーダ"},
    {DataType::OMP_12, "OMP-12", "RAS", "", "注射実施通知"},
    {DataType::OML_01, "OML-01", "OML", "", "検体検査オーダ"},
    {DataType::OML_11, "OML-11", "OUL", "", "検体検査結果通知"},
    {DataType::OMG_01, "OMG-01", "OMG", "", "放射線検査オーダ"},
    {DataType::OMG_11, "OMG-11", "OMI", "", "放射線検査の実施通知"},
    {DataType::OMG_02, "OMG-02", "OMG", "", "内視鏡検査オーダ"},
    {DataType::OMG_12, "OMG-12", "OMI", "", "内視鏡検査の実施通知"},
    {DataType::OMG_03, "OMG-03", "OMG", "", "生理検査オーダ"},
    {DataType::OMG_13, "OMG-13", "ORU", "", "生理検査結果通知"},
});

constexpr bool in_order_of_enum() {
  for (std::size_t i = 0; i < kDataTypes.size(); ++i) {
    if (static_cast<std::size_t>(kDataTypes[i].type) != i) return false;
  }
  return kDataTypes.size() == static_cast<std::size_t>(DataType::OMG_13) + 1;
}
static_assert(in_order_of_enum(), "info() indexes the table by DataType");

}  // namespace

std::span<const DataTypeInfo> data_types() {
  return kDataTypes;
}

const DataTypeInfo& info(DataType type) {
  const auto index = static_cast<std::size_t>(type);
  KAKEHASHI_CHECK(index < kDataTypes.size());
  return kDataTypes[index];
}

std::optional<DataType> data_type_named(std::string_view name) {
  const auto found = std::ranges::find(kDataTypes, name, &DataTypeInfo::name);
  if (found == kDataTypes.end()) return std::nullopt;
  return found->type;
}

}  // namespace ssmix2
