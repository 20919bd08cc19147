#include "gateway/message.h"

namespace gateway {
namespace {

constexpr MessageFacts kMessages[] = {
    {Message::database_waits_for_disk,
     LogLevel::error,
     Repeats::each,
     {"the state database cannot be opened, waiting for the disk",
      "The disk of the state directory is full, read-only or not there yet.",
      "Make room or mend the mount; the gateway goes on by itself."},
     {"状態データベースを開けません（ディスク待ち）",
      "状態ディレクトリのディスクが満杯、読み取り専用、または未接続です。",
      "空きを作るか、マウントを直してください。自動で再開します。"}},
    {Message::database_failed,
     LogLevel::error,
     Repeats::each,
     {"the state database failed, stopping",
      "SQLite reported what cannot be waited out; the line tells what.",
      "If it was damaged the gateway makes it anew at once; else mend what the line says and start again."},
     {"状態データベースの障害で停止します",
      "待っても直らないエラーを SQLite が返しました。行に内容があります。",
      "壊れている場合は自動で作り直します。それ以外は行の内容を直して起動してください。"}},
    {Message::damaged_too_often,
     LogLevel::error,
     Repeats::each,
     {"the state was damaged too often within an hour",
      "Made anew again and again, it is damaged again and again.",
      "Stop it (systemctl stop kakehashi), for systemd tries again; look at the disk of the state directory "
      "(smartctl, "
      "dmesg), then start."},
     {"1 時間に状態データベースの破損が繰り返されました", "作り直しても繰り返し壊れます。",
      "systemctl stop kakehashi で止め（systemd "
      "が起動し直すため）、ディスクを調べて（smartctl、dmesg）直してから起動してください。"}},
    {Message::database_left_aside,
     LogLevel::error,
     Repeats::each,
     {"the state database is damaged or gone",
      "It was moved aside under the name in the line, and a new one is made from the storage.",
      "Look at the disk. Keep the file until everything was sent again; a backup may know more."},
     {"状態データベースが壊れたか、なくなりました", "行に示す名前で退避し、ストレージから作り直します。",
      "ディスクを調べてください。送り直しが終わるまで退避ファイルを残してください。"}},
    {Message::database_made_anew,
     LogLevel::error,
     Repeats::each,
     {"the state database is made anew",
      "Everything is read and sent again under the same Bundle-IDs; nothing is sent before requests of the "
      "lost state can come late no more (the line tells from when). Holds and retracts of persons are not "
      "known any more.",
      "Give again what persons had ordered (queue hold, retract), then kakehashi status --acknowledge."},
     {"状態データベースを作り直します",
      "すべてを同じ Bundle-ID で読み直し、送り直します。以前の送信が遅れて届く時間が過ぎるまで"
      "（行に時刻があります）、何も送りません。人による保留・取り下げの指示は失われています。",
      "queue hold や retract の指示をもう一度出し、kakehashi status --acknowledge を実行してください。"}},
    {Message::stop_without_order,
     LogLevel::warning,
     Repeats::each,
     {"the last stop was none in order: the state database is checked",
      "The process or the machine died. Nothing is lost by that; the database is checked beside the work.",
      "Find out why it died (journalctl -u kakehashi, the machine's power)."},
     {"前回は正常に停止していません（データベースを検査します）",
      "プロセスかサーバが異常終了しました。失われるものはなく、検査は並行して行います。",
      "原因を調べてください（journalctl -u kakehashi、電源など）。"}},
    {Message::answers_lost,
     LogLevel::warning,
     Repeats::each,
     {"answers lost at the last stop, sending again",
      "Requests were under way when the daemon ended. Whether they arrived is not known, so their newest "
      "snapshots "
      "are sent again, under the same Bundle-IDs.",
      "Nothing to do."},
     {"応答を受け取れなかった分を送り直します",
      "停止時に送信中だったものがあります。届いたか不明のため、最新の内容を同じ Bundle-ID で送り直します。",
      "対処は不要です。"}},
    {Message::database_unchecked,
     LogLevel::warning,
     Repeats::counted,
     {"the state database could not be checked", "The daily check could not read it; it is tried again.",
      "If it comes again: look at the disk."},
     {"状態データベースを検査できません", "日次の検査で読めませんでした。再び試みます。",
      "続くならディスクを調べてください。"}},
    {Message::database_right,
     LogLevel::debug,
     Repeats::each,
     {"the state database is right", "The check found no damage.", "Nothing to do."},
     {"状態データベースは正常です", "検査で損傷は見つかりませんでした。", "対処は不要です。"}},
    {Message::state_restored,
     LogLevel::warning,
     Repeats::each,
     {"the state is that of a backup",
      "kakehashi restore put it there. Every unit is made and sent again; nothing is sent before requests of "
      "before the restore can come late no more (the line tells from when).",
      "Stop the gateway. Give again, before it is started, what persons have ordered since that backup "
      "(kakehashi queue hold, retract, release; hold also what was dropped). Then start it, and kakehashi "
      "status --acknowledge."},
     {"バックアップから復元した状態で動作します",
      "kakehashi restore "
      "で復元されました。すべての報告単位を作り直して送り直します。復元前の送信が遅れて届く時間が"
      "過ぎるまで（行に時刻があります）、何も送りません。",
      "ゲートウェイを止め、起動する前に、バックアップ以降に人が出した指示をもう一度出してください（kakehashi "
      "queue hold、retract、release。取りやめ（drop）は hold にします）。その後に起動し、kakehashi status "
      "--acknowledge を実行してください。"}},
    {Message::years_taken_over,
     LogLevel::warning,
     Repeats::each,
     {"years of Bundle-IDs taken over from unit-years",
      "The database is an older one or new; the file beside it knows more units' years.",
      "Nothing to do: no unit gets a second Bundle-ID."},
     {"Bundle-ID の年を unit-years から引き継ぎました",
      "データベースが古いか新しいため、横のファイルから報告単位の年を補いました。",
      "対処は不要です。Bundle-ID が二重になることはありません。"}},
    {Message::years_written_anew,
     LogLevel::error,
     Repeats::each,
     {"unit-years was missing or damaged, and is written anew from the database",
      "The file that keeps the years of Bundle-IDs beside the database was lost or changed.",
      "Restore no older database from now on without this file. Then: kakehashi status --acknowledge."},
     {"unit-years がないか壊れていたため、データベースから書き直しました",
      "Bundle-ID の年を控えるファイルが失われたか、変更されました。",
      "今後、このファイルなしで古いデータベースを戻さないでください。確認後 kakehashi status "
      "--acknowledge。"}},
    {Message::disk_fails,
     LogLevel::error,
     Repeats::counted,
     {"the state's disk fails, waiting for its cure",
      "Writing to the state fails: the disk is full, read-only or broken. Nothing is read or sent until "
      "then, and "
      "nothing is lost.",
      "Make room or mend it; the gateway goes on by itself."},
     {"状態ディレクトリのディスクに書けません（回復待ち）",
      "ディスクが満杯、読み取り専用、または故障です。回復まで読み取りも送信も止めますが、失われるものはありま"
      "せん。",
      "空きを作るか修理してください。自動で再開します。"}},
    {Message::disk_works,
     LogLevel::info,
     Repeats::each,
     {"the state's disk works again", "The failure told before is over.", "Nothing to do."},
     {"状態ディレクトリのディスクが回復しました", "先の障害は解消しました。", "対処は不要です。"}},
    {Message::reading_paused,
     LogLevel::error,
     Repeats::each,
     {"nothing new is read",
      "Too much waits to be sent, or too little of the disk is free. Sending goes on; new documents stay in "
      "the "
      "storage until there is room.",
      "Mend the destination, or make room on the disk; see <state> in config/README.md for the limits."},
     {"新しい文書を読みません",
      "送信待ちが多すぎるか、ディスクの空きが足りません。送信は続け、新しい文書はストレージに残しておきます"
      "。",
      "送信先を直すか、空きを作ってください。上限は config/README.md の <state> にあります。"}},
    {Message::reading_resumed,
     LogLevel::info,
     Repeats::each,
     {"new documents are read again", "There is room again.", "Nothing to do."},
     {"文書の読み取りを再開しました", "余裕ができました。", "対処は不要です。"}},
    {Message::storage_thread_stuck,
     LogLevel::error,
     Repeats::each,
     {"the storage thread does not turn",
      "One piece of work on the database has taken longer than any disk needs. The watchdog is not fed any "
      "more, so "
      "that systemd starts the gateway anew.",
      "Look at the disk of the state directory; report it with kakehashi support-bundle if it was well."},
     {"データベースの処理が進みません",
      "一つの処理がディスクの遅さでは説明できない時間を超えました。ウォッチドッグにより systemd "
      "が再起動します。",
      "状態ディレクトリのディスクを調べ、異常がなければ kakehashi support-bundle "
      "を添えて報告してください。"}},
    {Message::ordered_by_person,
     LogLevel::info,
     Repeats::each,
     {"ordered by a person", "Somebody changed the queue; the line names who. The database keeps it as well.",
      "Nothing to do."},
     {"担当者による操作",
      "送信待ちの内容が人の操作で変更されました。行に実行者があり、データベースにも残ります。",
      "対処は不要です。"}},
    {Message::no_orders,
     LogLevel::error,
     Repeats::each,
     {"no orders can be taken",
      "The socket control.sock cannot be made in the state directory; all else works.",
      "Let it be made (permissions, length of the path), then restart."},
     {"指示を受け付けられません", "状態ディレクトリに control.sock を作れません。他の機能は動作しています。",
      "権限やパスの長さを直し、再起動してください。"}},
};

}  // namespace

std::span<const MessageFacts> state_messages() {
  return kMessages;
}

}  // namespace gateway
