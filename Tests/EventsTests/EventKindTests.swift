import Base
import Events
import Testing

@Suite struct EventKindTests {
  @Test func `each kind has a message id of its own and a page that says what to do`() {
    let kinds = EventKind.all
    #expect(Set(kinds.map(\.messageID)).count == kinds.count)
    for kind in kinds {
      #expect(kind.messageID.count == 32)
      #expect(kind.messageID.allSatisfy { $0.isHexDigit && !$0.isUppercase })
      #expect(kind.explanation.count > 30 && kind.explanation.hasSuffix("."), "\(kind)")
      #expect(!kind.subject.isEmpty && kind.subject.count < 76, "\(kind)")
    }
  }

  @Test func `a kind is its name in JSON, and an unknown name is refused`() throws {
    for kind in EventKind.all {
      #expect(EventKind.named(kind.name) == kind)
      #expect(try JSON.line([kind]) == Array("[\"\(kind.name)\"]".utf8))
      #expect(try JSON.decode([EventKind].self, from: try JSON.line([kind])) == [kind])
    }
    #expect(EventKind.named("no.such") == nil)
    #expect(throws: DecodingError.self) {
      try JSON.decode([EventKind].self, from: #"["no.such"]"#.utf8)
    }
  }

  @Test func `message ids never change`() {
    // Whoever filters the journal by one of these must find it in every version.
    #expect(EventKind.daemonStarted.messageID == "f3c95789ace14954ac5d6baed2eac902")
    #expect(EventKind.daemonStopped.messageID == "cbf27734ac1045258b66402800e03d2c")
  }

  @Test func `the catalog has an entry for each kind, in lines that fit`() {
    let text = Catalog.text
    for kind in EventKind.all {
      #expect(text.contains("-- \(kind.messageID)\nSubject: \(kind.subject)\n"))
    }
    for line in text.split(separator: "\n") { #expect(line.count <= 90, "\(line)") }
  }

  @Test func `the journal gets the message and our own fields, and no empty ones`() {
    var event = Event(
      .deviceAdded, time: "2026-11-24T10:00:00.000Z", subject: "eth0", "eth0 is there",
      cause: "a hand")
    #expect(!event.journalFields.contains { $0.hasPrefix("TINYBOX_EVENT_ID") })
    event.id = 7
    let fields = event.journalFields
    #expect(fields.contains("MESSAGE=eth0 is there"))
    #expect(fields.contains("MESSAGE_ID=\(EventKind.deviceAdded.messageID)"))
    #expect(fields.contains("PRIORITY=6"))
    #expect(fields.contains("TINYBOX_EVENT=device.added"))
    #expect(fields.contains("TINYBOX_EVENT_ID=7"))
    #expect(fields.contains("TINYBOX_SUBJECT=eth0"))
    #expect(fields.contains("TINYBOX_CAUSE=a hand"))
    #expect(!fields.contains { $0.hasPrefix("TINYBOX_DEVICE") || $0.hasSuffix("=") })
  }

  @Test func `worse is greater`() {
    #expect(Event.Severity.allCases.sorted() == [.info, .notice, .warning, .error])
  }
}
