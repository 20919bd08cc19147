// The parts of Asio and Beast that are no templates, compiled here once and not in each file that includes
// them: a quarter of what the compiler would do for such a file.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
