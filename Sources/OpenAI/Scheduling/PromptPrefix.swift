/// The beginning of a prompt as hashes, for comparing prompts without keeping them.
package struct PromptPrefix: Hashable, Sendable {
  /// Bytes between two hashes.
  package static let block = 256
  /// Bytes of a prompt that are hashed.
  package static let mostBytes = 64 << 10

  /// Hashes of the first block, of the first two, and so on.
  private var hashes: [UInt64] = []

  /// An empty prompt.
  package init() {}

  /// The beginning of these texts.
  package init(_ texts: some Sequence<String>) {
    // FNV-1a, 64 bits. Two prompts with one hash cost a cold cache and nothing else.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var count = 0
    for text in texts {
      // A byte that no text has keeps two messages apart from one.
      for byte in CollectionOfOne(0xff as UInt8) + Array(text.utf8.prefix(PromptPrefix.mostBytes)) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        count += 1
        if count % PromptPrefix.block == 0 { hashes.append(hash) }
        if count == PromptPrefix.mostBytes { return }
      }
    }
  }

  /// Bytes that two prompts have in common at their beginning, in whole blocks.
  package func shared(with other: PromptPrefix) -> Int {
    zip(hashes, other.hashes).prefix { $0 == $1 }.count * PromptPrefix.block
  }
}
