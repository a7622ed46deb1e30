/// Names of runtimes and of models.
package enum RuntimeName {
  /// The longest name of a runtime, bytes: its user is `tbx-NAME`, and a name of a user has at most 31
  /// (systemd, `valid_user_group_name`; UT_NAMESIZE in utmp.h).
  package static let longest = 27
  /// The longest name of a model, bytes: a file name of 255 with room for suffixes, and readable in a table.
  package static let longestModel = 63

  /// What is wrong with the name of a runtime; nil for a good one.
  package static func problem(_ name: String) -> String? {
    if name.isEmpty || name.utf8.count > longest {
      return "a name has 1 to \(longest) characters"
    }
    guard name.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == 0x2d }) else {
      return "a name has only a-z, 0-9 and '-'"
    }
    // A name that begins with '-' would be read as an option.
    return name.utf8.first == 0x2d ? "a name begins with a letter or a digit" : nil
  }

  /// What is wrong with the name of a model; nil for a good one. It is the name of a folder too.
  package static func modelProblem(_ name: String) -> String? {
    if name.isEmpty || name.utf8.count > longestModel {
      return "the name of a model has 1 to \(longestModel) characters"
    }
    guard
      name.utf8.allSatisfy({ isLetterOrDigit($0) || $0 == 0x2d || $0 == 0x2e || $0 == 0x5f })
    else {
      return "the name of a model has only a-z, 0-9, '-', '_' and '.'"
    }
    guard let first = name.utf8.first, isLetterOrDigit(first) else {
      return "the name of a model begins with a letter or a digit"
    }
    return nil
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }
}

/// A part of OpenAI's interface that a runtime serves.
public enum RuntimeAPI: String, CaseIterable, Codable, Hashable, Sendable {
  /// `/v1/chat/completions`.
  case chat
  /// `/v1/completions`.
  case completions
  /// `/v1/embeddings`.
  case embeddings
  /// `/v1/audio/transcriptions`.
  case transcriptions
  /// `/v1/responses`, as far as the runtime has it.
  case responses
}

extension KeyedDecodingContainer {
  /// The interfaces that this version knows: those that a later tinyboxd adds are left out, so that a gateway that
  /// is older serves the rest. What is decoded by the compiler in this module calls this.
  func decode(_: [RuntimeAPI].Type, forKey key: Key) throws -> [RuntimeAPI] {
    try decode([String].self, forKey: key).compactMap(RuntimeAPI.init(rawValue:))
  }
}
