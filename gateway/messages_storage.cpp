#include "gateway/message.h"

namespace gateway {
namespace {

constexpr MessageFacts kMessages[] = {
    {Message::storage_in_use,
     LogLevel::info,
     Repeats::each,
     {"storage",
      "One storage as it is read: its file system, where hints of changes come from, how it is listed.",
      "Nothing to do."},
     {"ストレージ", "読み取るストレージです。ファイルシステム、変更通知の方法、一覧の取り方を示します。",
      "対処は不要です。"}},
    {Message::first_reading,
     LogLevel::info,
     Repeats::each,
     {"first reading", "Everything a new storage holds is being read; the line tells how far it is.",
      "Nothing to do; new documents are sent before old ones meanwhile."},
     {"初回の読み取り中", "新しいストレージの全体を読んでいます。行に進み具合があります。",
      "対処は不要です。その間も新しい文書を先に送ります。"}},
    {Message::first_sweep_done,
     LogLevel::info,
     Repeats::each,
     {"first sweep done", "All folders of the storage were seen once since the start.", "Nothing to do."},
     {"最初の巡回が終わりました", "起動後、ストレージのすべてのフォルダを一度確認しました。",
      "対処は不要です。"}},
    {Message::storage_outage,
     LogLevel::error,
     Repeats::each,
     {"storage outage",
      "The storage's root is empty, unreadable or lost most of its files: it is taken for a mount that is "
      "away, "
      "never for deletes.",
      "Check the mount of the root. The gateway goes on by itself when it is back. If the files were removed "
      "on "
      "purpose: kakehashi queue release --deletes STORAGE, which does not help when everything is gone."},
     {"ストレージの障害",
      "ストレージのルートが空、読めない、または大半のファイルが消えました。削除ではなくマウント外れとみなしま"
      "す。",
      "ルートのマウントを確かめてください。戻れば自動で再開します。意図して消したものなら kakehashi queue "
      "release "
      "--deletes ストレージ を実行してください（すべて消えた場合には効きません）。"}},
    {Message::storage_back,
     LogLevel::info,
     Repeats::each,
     {"storage is back", "The outage told before is over.", "Nothing to do."},
     {"ストレージが戻りました", "先の障害は解消しました。", "対処は不要です。"}},
    {Message::documents_vanished,
     LogLevel::error,
     Repeats::counted,
     {"documents vanished without a delete",
      "Files went away without a file of condition flag 0 in their place. That is no delete: their units are "
      "held "
      "and what was sent stands.",
      "Find out who removed them. Put them back, or have the deletes written by the hospital's system (files "
      "of "
      "condition flag 0). kakehashi queue release --deletes does not send deletes for them; kakehashi queue "
      "retract takes away what was sent."},
     {"削除の記録なしに文書が消えました",
      "コンディションフラグ 0 "
      "のファイルを残さずにファイルが消えました。削除とはみなさず、報告単位を保留します。",
      "消した原因を調べ、ファイルを戻すか、電子カルテから削除の文書（コンディションフラグ "
      "0）を出力してください。queue release --deletes では削除されません。送信済みの内容は kakehashi queue "
      "retract で取り下げられます。"}},
    {Message::folders_unreadable,
     LogLevel::warning,
     Repeats::counted,
     {"folders could not be read",
      "The gateway's user may not list some folders, or the file system fails there.",
      "Give the user kakehashi read permission on the whole storage; the units wait until then. A group "
      "given by "
      "usermod counts after systemctl restart kakehashi."},
     {"読めないフォルダがあります",
      "ゲートウェイのユーザーに権限がないか、ファイルシステムに障害があります。",
      "ユーザー kakehashi "
      "にストレージ全体の読み取り権限を与えてください。報告単位はそれまで待ちます。usermod "
      "で加えたグループは systemctl restart kakehashi の後に有効になります。"}},
    {Message::hints_lost,
     LogLevel::warning,
     Repeats::counted,
     {"more changes than the kernel keeps, sweeping",
      "The queue of inotify ran over. Hints were lost, changes were not: a sweep finds them.",
      "If it comes often: raise fs.inotify.max_queued_events."},
     {"変更通知があふれました", "inotify の待ち行列があふれました。変更は巡回で見つけるので失われません。",
      "頻発するなら fs.inotify.max_queued_events を増やしてください。"}},
    {Message::clock_backwards,
     LogLevel::error,
     Repeats::counted,
     {"the clock went backwards", "The machine's time is earlier than at the last sweep; deletes wait anew.",
      "Look after the time service of this machine."},
     {"時計が戻りました", "前回の巡回より時刻が戻っています。削除の確定待ちをやり直します。",
      "このサーバの時刻同期を確かめてください。"}},
    {Message::document_refused,
     LogLevel::warning,
     Repeats::counted,
     {"document refused",
      "A file cannot be used: its name, patient, encoding or structure is wrong. The line gives the reason; "
      "the unit "
      "it belongs to is held.",
      "kakehashi queue show HASH gives its path. Have it written anew by the hospital's system."},
     {"文書を受け付けません",
      "ファイル名・患者・文字コード・構造のいずれかが誤っています。行に理由があり、報告単位は保留します。",
      "kakehashi queue show ハッシュ でパスが分かります。電子カルテから出力し直してください。"}},
    {Message::unit_held,
     LogLevel::warning,
     Repeats::counted,
     {"unit held",
      "A report unit cannot be sent yet: an identity, a code, a mandatory element or a document is missing. "
      "What "
      "was sent before stands.",
      "The line names the reason; kakehashi queue show HASH gives all. Codes: kakehashi codes todo. It is "
      "released "
      "by itself when what is missing is there."},
     {"報告単位を保留しました",
      "被保険者番号・コード・必須項目・文書のいずれかが足りないため、まだ送れません。以前に送ったものは残りま"
      "す"
      "。",
      "行の理由を見てください。詳細は kakehashi queue show ハッシュ、コードは kakehashi codes todo "
      "です。揃えば自動で送ります。"}},
    {Message::unit_rejected,
     LogLevel::warning,
     Repeats::counted,
     {"unit rejected",
      "The Bundle breaks rules of the profile pack, which the line names, so it is not sent.",
      "Correct the source or the mapping; kakehashi queue show HASH names the place in the source."},
     {"規則に反するため送信しません（rejected）",
      "プロファイルの規則（行に番号があります）に反するため送りません。",
      "元データか変換規則を直してください。kakehashi queue show ハッシュ が元の箇所を示します。"}},
    {Message::unit_with_warning,
     LogLevel::info,
     Repeats::counted,
     {"unit made with a warning", "A unit was made and is sent; something about its source is doubtful.",
      "Read the reason; correct the source if it is wrong."},
     {"注意付きで作成しました", "報告単位は作成して送りますが、元データに疑わしい点があります。",
      "理由を読み、誤りなら元データを直してください。"}},
    {Message::made_for_new_codes,
     LogLevel::info,
     Repeats::each,
     {"made anew for new codes", "Units that waited for codes are made again, as tables were filled in.",
      "Nothing to do."},
     {"新しいコードで作り直します", "コードを待っていた報告単位を、追加されたコード表で作り直します。",
      "対処は不要です。"}},
    {Message::made_with_older_rules,
     LogLevel::info,
     Repeats::each,
     {"made with older rules",
      "Units that were sent were made with mapping rules or tables that have changed since.",
      "kakehashi remap --dry-run shows what would change; kakehashi remap sends it."},
     {"古い規則で作成したものがあります",
      "送信済みの報告単位に、変更前の変換規則やコード表で作ったものがあります。",
      "kakehashi remap --dry-run で差を確かめ、kakehashi remap で送り直せます。"}},
};

}  // namespace

std::span<const MessageFacts> storage_messages() {
  return kMessages;
}

}  // namespace gateway
