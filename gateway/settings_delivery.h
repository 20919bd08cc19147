#pragma once
// The rules of <delivery>: when what is sent how often, and what a site knows of the answers. Pure.

#include "gateway/settings_rule.h"

namespace gateway {

ElementRule delivery_element();

}  // namespace gateway
