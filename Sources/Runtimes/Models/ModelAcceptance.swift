internal import Base
package import RuntimeCatalog

/// Whether a backend loads a model, decided from the header: tinygrad would say so only after the whole load.
package struct ModelAcceptance: Hashable, Sendable {
  /// Why it does not; empty when it does, or nothing is known of the backend.
  package var refusals: [String] = []
  /// What may go wrong, and what is not known.
  package var warnings: [String] = []

  /// Compares a model with what a backend loads.
  /// - Parameter facts: of the first part of a split model.
  package init(_ facts: ModelFacts, _ backend: Backend) {
    guard let loads = backend.loads else { return }
    let name = backend.title
    if let split = facts.split, split.index != 0 {
      refusals.append(
        "it is part \(split.index + 1) of \(split.count): \(name) begins with the first part")
    }
    keys(facts, loads, name)
    tokenizer(facts.tokenizer, loads, name)
    types(facts, loads, name)
    if backend.translation.readsSpecialTokens, facts.tokenizer.specialTokens == nil,
      let count = facts.tokenizer.controlTokens, count > 0
    {
      warnings.append(
        "the gateway does not know the texts of its \(Units.count(count, "control token")), which are too "
          + "many, too long or no plain text: a message with one is read as that token")
    }
    if loads.needsEqualLayers, facts.hasEqualLayers == false {
      refusals.append("its layers have different numbers of heads, which \(name) does not load")
    }
    if let architecture = facts.architecture, !loads.knownArchitectures.contains(architecture) {
      warnings.append(
        "\(name) is not known to load the architecture '\(architecture)'; known are "
          + loads.knownArchitectures.joined(separator: ", "))
    }
  }

  private mutating func keys(
    _ facts: ModelFacts, _ loads: Backend.LoadableModels, _ name: String
  ) {
    let needed = loads.keys.map { key in
      key.hasPrefix("{arch}") ? (facts.architecture ?? "{arch}") + key.dropFirst(6) : key
    }
    let missing = needed.filter { facts.missingKeys.contains($0) }
    if !missing.isEmpty {
      refusals.append("its header lacks \(missing.joined(separator: ", ")), which \(name) needs")
    }
  }

  private mutating func tokenizer(
    _ tokenizer: ModelFacts.Tokenizer, _ loads: Backend.LoadableModels, _ name: String
  ) {
    if let pre = tokenizer.pre, !loads.tokenizers.contains(pre) {
      refusals.append(
        "\(name) has no tokenizer '\(pre)' (tokenizer.ggml.pre); it has "
          + loads.tokenizers.joined(separator: ", "))
    }
    guard loads.needsByteTokens, tokenizer.tokens != nil else { return }
    if let missing = tokenizer.missingBytes, let ascii = tokenizer.missingASCII {
      if ascii > 0 {
        refusals.append(
          "\(Units.count(ascii, "character")) of ASCII can be spelled by no token: \(name) fails at a "
            + "text with one of them")
      } else if missing > 0 {
        warnings.append(
          "\(Units.count(missing, "byte")) of UTF-8 can be spelled by no token: \(name) fails at a "
            + "text with one of them that no longer token covers")
      }
    } else {
      refusals.append(
        "its tokens are not spelled in bytes (tokenizer.ggml.model '\(tokenizer.model ?? "")'), "
          + "as \(name) needs them")
    }
  }

  private mutating func types(
    _ facts: ModelFacts, _ loads: Backend.LoadableModels, _ name: String
  ) {
    let others = facts.tensorTypes.filter { !loads.tensorTypes.contains($0.number) }
    if others.isEmpty { return }
    let names = others.map { $0.name ?? "type \($0.number)" }.joined(separator: ", ")
    let can = loads.tensorTypes.compactMap { TensorType.numbered($0)?.name }
    refusals.append(
      "\(name) does not load tensors of \(names); it loads \(can.joined(separator: ", "))")
  }
}
