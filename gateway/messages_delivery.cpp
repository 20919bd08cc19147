#include "gateway/message.h"

namespace gateway {
namespace {

constexpr MessageFacts kMessages[] = {
    {Message::delivered,
     LogLevel::debug,
     Repeats::each,
     {"delivered", "The destination accepted a unit.", "Nothing to do."},
     {"送信しました", "送信先が報告単位を受け付けました。", "対処は不要です。"}},
    {Message::deleted,
     LogLevel::debug,
     Repeats::each,
     {"deleted", "The destination carried out a delete.", "Nothing to do."},
     {"削除しました", "送信先が削除を受け付けました。", "対処は不要です。"}},
    {Message::result_promised,
     LogLevel::debug,
     Repeats::each,
     {"result promised", "The destination took a unit (202) and tells its result later; it is asked for.",
      "Nothing to do."},
     {"結果待ちです", "送信先は受け取り（202）、結果は後で返します。問い合わせを続けます。",
      "対処は不要です。"}},
    {Message::sent_again,
     LogLevel::warning,
     Repeats::counted,
     {"will be sent again", "A unit got no answer, or one that says: later. It is sent again after a wait.",
      "Nothing to do for single ones; if they do not end, ask who runs the destination."},
     {"後で送り直します", "応答がないか、後で送るよう求められました。間隔をおいて送り直します。",
      "単発なら対処は不要です。続くなら送信先の運用者に問い合わせてください。"}},
    {Message::rejected_by_destination,
     LogLevel::error,
     Repeats::counted,
     {"rejected by the destination", "The destination refused a unit for its content.",
      "kakehashi queue show --answer HASH shows its answer. Correct the source or the mapping; a newer "
      "snapshot is "
      "sent by itself, the same one by kakehashi queue retry."},
     {"送信先が拒否しました", "報告単位の内容を理由に、送信先が受け付けませんでした。",
      "kakehashi queue show --answer ハッシュ で応答を見て、元データか変換規則を直してください。"
      "新しい内容は自動で、同じ内容は kakehashi queue retry で送ります。"}},
    {Message::destination_paused,
     LogLevel::error,
     Repeats::counted,
     {"destination paused",
      "The destination as a whole cannot be used: network, name, certificates, permission or a wrong "
      "address. "
      "Nothing is lost, no unit's attempts are used up.",
      "The line names the reason. One request at a time tries it; it goes on by itself when that succeeds."},
     {"送信先を一時停止しました",
      "ネットワーク・名前解決・証明書・権限・送信先の URL "
      "の誤りなどで送信先を使えません。失われるものはありません。",
      "行の理由を見てください。1 件ずつ試し、成功すれば自動で再開します。"}},
    {Message::destination_reachable,
     LogLevel::info,
     Repeats::each,
     {"destination reachable again", "The pause told before is over.", "Nothing to do."},
     {"送信先が再び使えます", "先の一時停止は解消しました。", "対処は不要です。"}},
    {Message::clock_set,
     LogLevel::error,
     Repeats::counted,
     {"the clock was set", "The machine's time jumped. What waits to be sent again waits as long as before.",
      "Look after the time service of this machine."},
     {"時計が変更されました", "サーバの時刻が飛びました。送り直しまでの待ち時間は変わりません。",
      "このサーバの時刻同期を確かめてください。"}},
    {Message::certificates_taken,
     LogLevel::info,
     Repeats::each,
     {"new certificate files in use", "Changed files of <tls> were checked and are used from now on.",
      "Nothing to do."},
     {"新しい証明書を使います", "<tls> の変更されたファイルを確かめ、使い始めました。", "対処は不要です。"}},
    {Message::certificates_refused,
     LogLevel::error,
     Repeats::each,
     {"certificate files not taken", "Changed files of <tls> are not good; those before them stay in use.",
      "The line names what is wrong. Put good files in place, key and certificate of one pair; they are "
      "taken by "
      "themselves."},
     {"証明書ファイルを採用しません",
      "<tls> の変更されたファイルに誤りがあります。以前のものを使い続けます。",
      "行の理由を見て、組の合う鍵と証明書を置いてください。自動で採用します。"}},
    {Message::certificates_good_again,
     LogLevel::info,
     Repeats::each,
     {"certificate files are good again", "The files of <tls> that were refused are right now.",
      "Nothing to do."},
     {"証明書ファイルが直りました", "採用しなかった <tls> のファイルが正しくなりました。",
      "対処は不要です。"}},
    {Message::certificate_expires,
     LogLevel::warning,
     Repeats::each,
     {"client certificate expires soon", "Fewer than 30 days are left.",
      "Ask for a new one and put it in place; it is used without a restart."},
     {"証明書の期限が近づいています", "残り 30 日を切りました。",
      "新しい証明書を取得して置いてください。再起動は不要です。"}},
    {Message::certificate_expired,
     LogLevel::error,
     Repeats::each,
     {"client certificate is not valid today",
      "It has expired, or is not valid yet: then this server's clock may be slow. Most likely this "
      "destination "
      "refuses it; what is for it waits. Reading and other destinations go on, also over a restart.",
      "Put one in place that is valid, or set the clock right: no restart is needed, and what waited is "
      "sent."},
     {"クライアント証明書が有効期間外です",
      "期限が切れたか、まだ有効期間前です（サーバの時計の遅れも考えられます）。この送信先は接続を拒むはずで、"
      "送信は待機します。読み取りと他の送信先は、再起動しても続きます。",
      "有効な証明書を置くか、時計を合わせてください。再起動なしで使い、待っていたものを送ります。"}},
};

}  // namespace

std::span<const MessageFacts> delivery_messages() {
  return kMessages;
}

}  // namespace gateway
