internal import Base

/// What another program finds on a drive: a second opinion, by code that is not ours.
public struct ToolOpinion: Codable, Hashable, Sendable {
  /// The program: `wipefs`, `blkid`.
  public var program: String
  /// What it found; nil where it gave no answer.
  public var signatures: [Signature]?
  /// Why there is no answer.
  public var failure: String?

  /// An answer.
  package init(_ program: String, signatures: [Signature]) {
    (self.program, self.signatures) = (program, signatures)
  }

  /// No answer.
  package init(_ program: String, failure: String) {
    (self.program, self.failure) = (program, failure)
  }

  /// The answer of `wipefs --no-act --json`. It exits with 0 also where there is nothing, and writes nothing at all
  /// then in some versions.
  package static func wipefs(status: Int32, output: [UInt8]) -> ToolOpinion {
    guard status == 0 else {
      return ToolOpinion("wipefs", failure: "it ended with status \(status)")
    }
    if ASCII.trimmed(output[...]).isEmpty { return ToolOpinion("wipefs", signatures: []) }
    struct Answer: Decodable {
      struct Entry: Decodable {
        var offset: String
        var type: String
        var uuid: String?
        var label: String?
      }
      var signatures: [Entry]
    }
    guard let answer = try? JSON.decode(Answer.self, from: output) else {
      return ToolOpinion("wipefs", failure: "its answer is not understood")
    }
    var found: [Signature] = []
    for entry in answer.signatures {
      guard let offset = ASCII.hexadecimal(Array(entry.offset.utf8)[...]),
        let place = Int(exactly: offset)
      else { return ToolOpinion("wipefs", failure: "its answer is not understood") }
      found.append(Signature(entry.type, at: place, uuid: entry.uuid, label: entry.label))
    }
    return ToolOpinion("wipefs", signatures: found)
  }

  /// The answer of `blkid --probe --output export`: status 2 where it finds nothing, 8 where several things contradict
  /// each other (blkid(8)). It does not say where they lie: their offset is 0.
  package static func blkid(status: Int32, output: [UInt8]) -> ToolOpinion {
    switch status {
    case 2: return ToolOpinion("blkid", signatures: [])
    case 8: return ToolOpinion("blkid", signatures: [Signature("several that contradict", at: 0)])
    case 0: break
    default: return ToolOpinion("blkid", failure: "it ended with status \(status)")
    }
    var values: [String: String] = [:]
    for line in ASCII.lines(output) {
      let text = String(decoding: line, as: UTF8.self)
      guard let equals = text.firstIndex(of: "=") else { continue }
      values[String(text[..<equals])] = String(text[text.index(after: equals)...])
    }
    var found: [Signature] = []
    if let type = values["TYPE"] {
      found.append(Signature(type, at: 0, uuid: values["UUID"], label: values["LABEL"]))
    }
    if let type = values["PTTYPE"] { found.append(Signature(type, at: 0, uuid: values["PTUUID"])) }
    // Status 0 says that there is something.
    return found.isEmpty
      ? ToolOpinion("blkid", failure: "its answer is not understood")
      : ToolOpinion("blkid", signatures: found)
  }
}
