#include "fhir_mapper/unit_spelling.h"

#include "fhir_mapper/character_width.h"

#include <algorithm>
#include <array>
#include <vector>

namespace fhir_mapper {
namespace {

struct Replacement {
  std::string_view written;
  std::string_view instead;
};

// What JIS and Unicode have for one character of a unit.
constexpr std::array kCharacters{
    Replacement{"µ", "μ"},           Replacement{"×", "x"},      Replacement{"・", "."},
    Replacement{"·", "."},           Replacement{"⁄", "/"},      Replacement{"∕", "/"},
    Replacement{"^", "*"},           Replacement{"²", "*2"},     Replacement{"³", "*3"},
    Replacement{"⁴", "*4"},          Replacement{"⁵", "*5"},     Replacement{"⁶", "*6"},
    Replacement{"⁷", "*7"},          Replacement{"⁸", "*8"},     Replacement{"⁹", "*9"},
    Replacement{"㎎", "mg"},         Replacement{"㎏", "kg"},    Replacement{"㎍", "μg"},
    Replacement{"㎗", "dL"},         Replacement{"㎖", "mL"},    Replacement{"㎕", "μL"},
    Replacement{"㏄", "cc"},         Replacement{"ℓ", "L"},      Replacement{"㎜", "mm"},
    Replacement{"㎝", "cm"},         Replacement{"㎡", "m2"},    Replacement{"℃", "cel"},
    Replacement{"°C", "cel"},        Replacement{"‰", "permil"}, Replacement{"モル", "mol"},
    Replacement{"コピー", "copies"},
};

struct Part {
  std::string_view spelling;
  std::string_view written;  // ways to write it, between spaces
};

// Capital M is not milli here: "MU" and "MEQ" are used for mega too. MG has no such second meaning.
constexpr std::array kParts{
    Part{"g", " g G "},
    Part{"kg", " kg Kg KG "},
    Part{"mg", " mg MG "},
    Part{"ug", " ug mcg MCG "},
    Part{"ng", " ng NG "},
    Part{"pg", " pg PG "},
    Part{"L", " L l "},
    Part{"dL", " dL dl DL "},
    Part{"mL", " mL ml ML cc CC "},
    Part{"uL", " uL ul MCL mm*3 mm3 "},  // a cubic millimetre is a microlitre
    Part{"3uL", " 3uL 3ul 3μL 3μl "},    // of a counting chamber
    Part{"fL", " fL fl FL "},
    Part{"mol", " mol "},
    Part{"mmol", " mmol "},
    Part{"umol", " umol uMOL MCMOL "},
    Part{"nmol", " nmol nMOL NMOL "},
    Part{"pmol", " pmol pMOL PMOL "},
    Part{"fmol", " fmol FMOL "},
    Part{"meq", " meq mEq "},
    Part{"ueq", " ueq uEq "},
    Part{"neq", " neq nEq "},
    Part{"mosm", " mosm mOsm mOSM "},
    Part{"kg_h2o", " kg_h2o kgH2O KgH2O kg.H2O Kg.H2O "},
    Part{"iu", " iu IU "},
    Part{"kiu", " kiu kIU KIU "},
    Part{"miu", " miu mIU "},
    Part{"uiu", " uiu uIU "},
    Part{"u", " u U "},
    Part{"mu", " mu mU "},
    Part{"uu", " uu uU "},
    Part{"(arb_u)", " (arb_u) AU aU "},
    Part{"m(arb_u)", " m(arb_u) mAU mAu "},
    Part{"ch50", " ch50 CH50 CH50U "},
    Part{"(cfu)", " (cfu) CFU cfu "},
    Part{"copies", " copies copy "},
    Part{"logcopies", " logcopies Logcopies LOGcopies LogCopy Logcopy "},
    Part{"logiu", " logiu logIU LogIU LOGIU "},
    Part{"logu", " logu logU LogU "},
    Part{"d", " d day Day DAY 日 "},
    Part{"hr", " hr h HR hour hours 時 時間 "},
    Part{"min", " min min. 分 "},
    Part{"min(bsa)", " min(bsa) "},
    Part{"sec", " sec sec. Sec SEC SEC. 秒 "},
    Part{"mm", " mm "},
    Part{"cm", " cm "},
    Part{"mm(hg)", " mm(hg) mmHg "},
    Part{"(hpf)", " (hpf) HPF "},
    Part{"(lpf)", " (lpf) LPF "},
    Part{"(wf)", " (wf) WF "},
    Part{"%", " % "},
    Part{"vol%", " vol% Vol% "},
    Part{"permil", " permil "},
    Part{"cel", " cel "},
    Part{"ph", " ph pH "},
    Part{"pcs", " pcs 個 コ "},
    Part{"index", " index Index INDEX "},
    Part{"ratio", " ratio Ratio RATIO "},
    Part{"COI", " COI C.O.I C.O.I. "},
};

struct Spelling {
  std::string_view written;
  std::string_view spelling;
};

constexpr std::size_t ways_to_write_all() {
  std::size_t count = 0;
  for (const Part& part : kParts)
    count += static_cast<std::size_t>(std::ranges::count(part.written, ' ')) - 1;
  return count;
}

/// The parts by how they are written, in order.
constexpr auto kSpellings = [] {
  std::array<Spelling, ways_to_write_all()> spellings;
  auto* next = spellings.begin();
  for (const Part& part : kParts) {
    std::string_view rest = part.written.substr(1);
    for (; !rest.empty(); rest.remove_prefix(rest.find(' ') + 1)) {
      *next++ = {rest.substr(0, rest.find(' ')), part.spelling};
    }
  }
  std::ranges::sort(spellings, {}, &Spelling::written);
  return spellings;
}();
static_assert(std::ranges::adjacent_find(kSpellings, {}, &Spelling::written) == kSpellings.end());

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void replace_all(std::string& text, std::string_view written, std::string_view instead) {
  for (std::size_t at = text.find(written); at != std::string::npos;
       at = text.find(written, at + instead.size())) {
    text.replace(at, written.size(), instead);
  }
}

std::string folded(std::string_view utf8) {
  const auto stays = [](char c) { return static_cast<unsigned char>(c) < 0x80 && c != '^'; };
  if (std::ranges::all_of(utf8, stays)) return std::string(utf8);
  std::string text = to_half_width_ascii(to_wide_kana(utf8));
  for (const Replacement& character : kCharacters) replace_all(text, character.written, character.instead);
  return text;
}

std::optional<std::string> known_part(std::string_view written) {
  // Alone μ is the rest of a unit that was cut off; it must not become "u", the enzyme unit.
  constexpr std::string_view kMicro = "μ";
  std::string with_u;
  if (written.starts_with(kMicro) && written.size() > kMicro.size()) {
    with_u.append("u").append(written.substr(kMicro.size()));
    written = with_u;
  }
  const auto found = std::ranges::lower_bound(kSpellings, written, {}, &Spelling::written);
  if (found == kSpellings.end() || found->written != written) return std::nullopt;
  return std::string(found->spelling);
}

/// "gCr", "g・CRE" and "g(creat)": for each gram of creatinine.
std::optional<std::string> creatinine_part(std::string_view written) {
  static constexpr std::array<std::string_view, 10> kWords{"(creat)", "CREA", "Crea", "CRE", "Cre",
                                                           "cre",     "Crn",  "CR",   "Cr",  "cr"};
  if (written.ends_with('.')) written.remove_suffix(1);
  for (const std::string_view word : kWords) {
    if (!written.ends_with(word)) continue;
    written.remove_suffix(word.size());
    if (written.ends_with('.') || written.ends_with('-')) written.remove_suffix(1);
    for (const std::string_view amount : {"g", "mg", "mol", "mmol"}) {
      if (written == amount) return std::string(amount) + "(creat)";
    }
    return std::nullopt;
  }
  return std::nullopt;
}

/// Things are counted in each field; the field itself measures nothing.
bool is_field_of_view(std::string_view part) {
  return part == "(hpf)" || part == "(lpf)" || part == "(wf)";
}

bool is_length(std::string_view part) {
  return part == "mm" || part == "cm";
}

std::optional<std::string> spelled_part(std::string_view written) {
  auto part = known_part(written);
  return part ? part : creatinine_part(written);
}

/// Takes "x10*3", "10000", "万" from the front of a unit and gives its exponent; 0 when there is none.
int take_power(std::string_view& rest) {
  std::string_view text = rest;
  const bool times = !text.empty() && std::string_view("xX*.").find(text.front()) != std::string_view::npos;
  if (times) text.remove_prefix(1);
  while (text.starts_with(' ')) text.remove_prefix(1);
  // "x10 4/ul": an exponent that lost its raising.
  if (text.starts_with("10*") || (times && text.starts_with("10 "))) {
    text.remove_prefix(3);
    if (text.empty() || text.front() == '0' || !is_digit(text.front())) return 0;
    const int exponent = text.front() - '0';
    text.remove_prefix(1);
    rest = text;
    return exponent;
  }
  struct Word {
    std::string_view written;
    int exponent;
  };
  static constexpr std::array kWords{Word{"1000000/", 6}, Word{"100000/", 5}, Word{"10000/", 4},
                                     Word{"1000/", 3},    Word{"100/", 2},    Word{"百万/", 6},
                                     Word{"万/", 4},      Word{"千/", 3},     Word{"百/", 2}};
  for (const Word& word : kWords) {
    if (!text.starts_with(word.written)) continue;
    rest = text.substr(word.written.size() - 1);
    return word.exponent;
  }
  return 0;
}

/// What stands below the line: "mL/hr", or "(mL.hr)" as ISO+ joins them. "/1mL" is "/mL".
std::vector<std::string_view> denominators(std::string_view text) {
  char separator = '/';
  if (text.starts_with('(') && text.ends_with(')') && text.find('.') != std::string_view::npos) {
    text = text.substr(1, text.size() - 2);
    separator = '.';
  }
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    std::string_view part = text.substr(0, end);
    if (part.size() > 1 && part.front() == '1' && part[1] != '.' && !is_digit(part[1])) part.remove_prefix(1);
    parts.push_back(part);
    if (end != std::string_view::npos) text.remove_prefix(end + 1);
  }
  return parts;
}

std::optional<std::string> spelled_denominator(std::string_view text) {
  const auto written = denominators(text);
  if (written.size() > 2) return std::nullopt;
  const auto first = spelled_part(written.front());
  if (!first) return std::nullopt;
  if (written.size() == 1) return *first;
  // eGFR is for each 1.73 m² of body surface area.
  if (*first == "min" && (written[1] == "1.73m*2" || written[1] == "1.73m2")) return "min(bsa)";
  const auto second = spelled_part(written[1]);
  if (!second) return std::nullopt;
  return "(" + *first + "." + *second + ")";
}

}  // namespace

std::optional<std::string> unit_spelling(std::string_view utf8) {
  std::string text = folded(utf8);
  text.erase(0, std::min(text.find_first_not_of(' '), text.size()));
  std::string_view after_power = text;
  const int exponent = take_power(after_power);
  std::string rest(after_power);
  replace_all(rest, " ", "");
  if (rest == "S/CO" || rest == "S/Co" || rest == "s/co") return "S/CO";  // a ratio's name, not a division

  std::string out = exponent == 0 ? "" : ".10*" + std::to_string(exponent);
  if (rest.empty()) return out.empty() ? std::nullopt : std::optional<std::string>(out);
  const std::size_t slash = rest.find('/');
  const std::string above = rest.substr(0, slash);
  // Counted things go without a name above the line: "個/μL" is "/uL".
  const bool counted = slash != std::string::npos &&
                       (above.empty() || above == "1" || above == "個" || above == "コ" || above == "pcs");
  if (!counted) {
    const auto part = spelled_part(above);
    if (!part || is_field_of_view(*part)) return std::nullopt;
    out += *part;
  }
  if (slash == std::string::npos) return out;
  const auto below = spelled_denominator(std::string_view(rest).substr(slash + 1));
  if (!below) return std::nullopt;
  if (is_length(out) && *below != "hr") return std::nullopt;  // "mm/L" is millimoles, cut short
  return out + "/" + *below;
}

}  // namespace fhir_mapper
