package import Base
package import Benchmarks
internal import KernelTree
internal import Linux

/// Signs cards, and verifies signatures, with `ssh-keygen`.
///
/// A signature proves that a card is unchanged. It does not prove that its figures are honest.
package enum BenchmarkCardSigner {
  /// Signs the card in a file: the signature is `FILE.sig`, and replaces one that is there.
  /// - Parameters:
  ///   - key: path of a private key without a passphrase, or of a public key whose private key the agent
  ///     holds.
  ///   - agent: the socket of `ssh-agent` (`SSH_AUTH_SOCK`); nil without one.
  /// - Returns: the path of the signature.
  package static func sign(
    file: String, key: String, agent: String? = nil
  ) throws(Failure) -> String {
    _ = try card(file)
    let signature = file + ".sig"
    // ssh-keygen asks before it replaces a file, and here nobody answers. A signature of an older text
    // of the card proves nothing of this one.
    try DurableFile.remove(signature)
    let outcome = try run(CardSignature.signing(file: file, key: key), agent)
    guard outcome.status == 0 else {
      throw Failure(
        "sign \(file)", because: outcome.lastLine,
        hint: "a key with a passphrase has to be in ssh-agent: give its public key")
    }
    return signature
  }

  /// Verifies the signature of the card in a file.
  /// - Parameters:
  ///   - signature: path of the signature; nil for `FILE.sig`.
  ///   - allowedSigners: a file of names and their keys (ssh-keygen(1), ALLOWED SIGNERS); nil checks that
  ///     the card is unchanged, and not who signed it.
  /// - Throws: `Failure` when the card was changed, or is not by an allowed signer.
  package static func verify(
    file: String, signature: String? = nil, allowedSigners: String? = nil
  ) throws(Failure) -> (card: BenchmarkCard, signature: CardSignature) {
    let card = try card(file)
    let signature = signature ?? file + ".sig"
    let step = "verify \(file) by \(signature)"
    var signer: (name: String, file: String)?
    if let allowedSigners {
      let found = try run(
        CardSignature.findingSigner(signature: signature, allowedSigners: allowedSigners))
      guard found.status == 0,
        let name = CardSignature.signer(answer: String(decoding: found.output, as: UTF8.self))
      else {
        throw Failure(
          step, because: "it is not by a key in \(allowedSigners): \(found.lastLine)")
      }
      signer = (name, allowedSigners)
    }
    // ssh-keygen reads the signed text from standard input alone; the shell opens it. Paths are its
    // parameters, so that none is read as a command.
    let arguments = CardSignature.verifying(signature: signature, signer: signer)
    let outcome = try run(["/bin/sh", "-c", "exec \"$@\" < \"$0\"", file] + arguments)
    let answer = String(decoding: outcome.output, as: UTF8.self)
    guard outcome.status == 0, let held = CardSignature(answer: answer, signer: signer?.name) else {
      throw Failure(step, because: outcome.lastLine)
    }
    return (card, held)
  }

  /// The card in a file.
  package static func card(_ file: String) throws(Failure) -> BenchmarkCard {
    let text: [UInt8]
    do throws(ReadFailure) {
      text = try KernelTree.live.bytes(file, limit: 8 << 20)
    } catch {
      throw Failure("read the card \(file)", error, code: .usage)
    }
    return try BenchmarkCard(text: text)
  }

  private static func run(
    _ command: [String], _ agent: String? = nil
  ) throws(Failure) -> ChildProcess.Outcome {
    var child = ChildProcess(command, deadlineSeconds: 60)
    child.outputLimit = 1 << 20
    // It must not ask for a passphrase: the terminal is the command line's, and the daemon has none.
    child.environment["SSH_ASKPASS_REQUIRE"] = "force"
    child.environment["SSH_ASKPASS"] = "/bin/false"
    child.environment["SSH_AUTH_SOCK"] = agent
    let outcome = try child.run()
    if outcome.ended != nil {
      throw Failure("run \(command[0])", because: "it did not end within 60 s")
    }
    return outcome
  }
}
