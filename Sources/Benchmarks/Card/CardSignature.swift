/// A signature of a card by `ssh-keygen -Y` (ssh-keygen(1), PROTOCOL.sshsig of OpenSSH).
///
/// It proves that a card is unchanged since the holder of a key signed it. It does not prove that the
/// figures are honest: whoever has the key can sign any figures.
package struct CardSignature: Hashable, Sendable {
  /// The purpose that is signed with it, so that no signature of something else passes for a card's.
  package static let namespace = "tinybox-benchmark-card"

  /// Type of the key: `ED25519`.
  package var keyType: String
  /// Its fingerprint: `SHA256:...`.
  package var fingerprint: String
  /// Who signed, by the file of allowed signers; nil where none was given.
  package var signer: String?

  /// What the signature proves, for people.
  package var meaning: String {
    let who =
      signer.map { "\($0), key \(fingerprint)" }
      ?? "the holder of the \(keyType) key \(fingerprint)"
    return "The card is unchanged since it was signed by \(who). "
      + "This does not prove that its figures are honest."
      + (signer == nil ? " Whose key it is was not checked: --allowed-signers FILE" : "")
  }

  // MARK: Arguments

  /// The command that signs a file: it writes `FILE.sig`.
  /// - Parameter key: a private key, or a public one whose private key `ssh-agent` holds.
  package static func signing(file: String, key: String) -> [String] {
    ["ssh-keygen", "-Y", "sign", "-f", key, "-n", namespace, path(file)]
  }

  /// The command that names the signer of a signature, by a file of allowed signers.
  package static func findingSigner(signature: String, allowedSigners: String) -> [String] {
    ["ssh-keygen", "-Y", "find-principals", "-f", allowedSigners, "-s", signature]
  }

  /// The command that verifies; it reads the card from standard input.
  /// - Parameters:
  ///   - signer: a name of the file of allowed signers; nil checks the signature alone.
  package static func verifying(
    signature: String, signer: (name: String, file: String)?
  ) -> [String] {
    guard let signer else {
      return ["ssh-keygen", "-Y", "check-novalidate", "-n", namespace, "-s", signature]
    }
    return [
      "ssh-keygen", "-Y", "verify", "-f", signer.file, "-I", signer.name, "-n", namespace, "-s",
      signature,
    ]
  }

  /// A path that is no option.
  private static func path(_ path: String) -> String { path.hasPrefix("-") ? "./" + path : path }

  // MARK: Answers

  /// The signature, from what `ssh-keygen` writes when it holds:
  /// `Good "NAMESPACE" signature for NAME with ED25519 key SHA256:...`, without `for NAME` where no
  /// signer was asked for.
  package init?(answer: String, signer: String?) {
    let start =
      "Good \"\(CardSignature.namespace)\" signature "
      + (signer.map { "for \($0) with " } ?? "with ")
    for line in answer.split(whereSeparator: \.isNewline) where line.hasPrefix(start) {
      let words = line.dropFirst(start.count).split(separator: " ")
      guard words.count == 3, words[1] == "key", words[2].hasPrefix("SHA256:") else { continue }
      self.init(keyType: String(words[0]), fingerprint: String(words[2]), signer: signer)
      return
    }
    return nil
  }

  /// A signature that holds.
  package init(keyType: String, fingerprint: String, signer: String?) {
    self.keyType = keyType
    self.fingerprint = fingerprint
    self.signer = signer
  }

  /// The first signer that `find-principals` names; nil where it names none.
  package static func signer(answer: String) -> String? {
    answer.split(whereSeparator: \.isNewline).first.map(String.init)
  }
}
