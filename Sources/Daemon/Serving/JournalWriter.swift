internal import Events
internal import Linux
internal import Systemd

/// Writes events to the journal; where there is none, to standard error with the priority in front,
/// as systemd takes it (sd-daemon(3)).
enum JournalWriter {
  static func write(_ event: Event) {
    if Journal.send(event.journalFields + ["SYSLOG_IDENTIFIER=tinyboxd"]) { return }
    let line = event.message.split(separator: "\n").joined(separator: " ")
    try? Terminal.write("<\(event.severity.priority)>\(line)\n", to: 2)
  }
}
