#include "gateway/admin.h"

#include "gateway/log.h"

namespace gateway {

Admin::Admin(boost::asio::any_io_executor executor, const AdminSources& sources,
             boost::asio::thread_pool& work)
    : sources_(sources),
      pages_(executor, sources, work),
      listener_(executor, sources.settings.admin.address(),
                sources.settings.admin.socket_mode == SocketMode::group, ConnectionLimits{},
                [this](std::string path) { return pages_.page(std::move(path)); }) {}

bool Admin::open() {
  const AdminSettings& settings = sources_.settings.admin;
  if (settings.address().kind == AdminAddress::Kind::none) return false;
  const LogField listen{"listen", SafeText::vouched(settings.listen)};
  const auto error = listener_.open();
  if (error) {
    sources_.log.write(Message::admin_unavailable, {listen, {"error", SafeText::vouched(error.message())}});
    return false;
  }
  sources_.log.write(Message::admin_listens, {listen});
  return true;
}

void Admin::stop() {
  pages_.stop();
  listener_.stop();
}

}  // namespace gateway
