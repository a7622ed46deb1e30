import Foundation
public import Testing

/// The random numbers of tests. Each run has a seed: 1, so that what passed once passes again, or the
/// one of `TINYBOX_SEED`, where `random` takes a new one. Each generator has a stream of its own, made from the seed and the name of the test that asks,
/// so that no test changes what another one gets.
///
/// A test that uses one has the trait `.seeded`, by itself or by its suite: its failures then name
/// the seed. `TINYBOX_SEED=NUMBER swift test --filter ...` repeats them.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
  /// The seed of this run. It is printed when it is first used, so that a crash names it as well.
  public static let seed: UInt64 = {
    let text = ProcessInfo.processInfo.environment["TINYBOX_SEED"] ?? ""
    var system = SystemRandomNumberGenerator()
    // Short enough to be copied by hand.
    let new = system.next() % 1_000_000_000
    guard let seed = text.isEmpty ? 1 : text == "random" ? new : UInt64(text) else {
      fatalError("TINYBOX_SEED is '\(text)', which is neither a decimal number nor 'random'")
    }
    FileHandle.standardError.write(Data("tests: TINYBOX_SEED=\(seed)\n".utf8))
    return seed
  }()

  private var state: UInt64

  /// The stream of the function that asks.
  /// - Parameter round: a stream of its own for each round, or argument, of one test.
  public init(round: Int = 0, file: String = #fileID, function: String = #function) {
    // FNV-1a: Swift's own hashes are different in every run.
    state = "\(SeededGenerator.seed) \(file) \(function) \(round)".utf8
      .reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// SplitMix64.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }

  /// True in so many of a hundred cases.
  public mutating func chance(_ percent: Int) -> Bool {
    Int.random(in: 0..<100, using: &self) < percent
  }

  /// One of some things, of which there has to be one.
  public mutating func pick<Items: RandomAccessCollection>(_ items: Items) -> Items.Element {
    items[
      items.index(items.startIndex, offsetBy: Int.random(in: 0..<items.count, using: &self))]
  }

  /// So many bytes.
  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }
}

extension Trait where Self == IssueHandlingTrait {
  /// Every failure of the test, or of the tests of the suite, names the seed of the run.
  public static var seeded: Self {
    .compactMapIssues { issue in
      let seed = Comment(rawValue: "TINYBOX_SEED=\(SeededGenerator.seed)")
      // A suite's trait is asked for the suite and again for each of its tests.
      if issue.comments.contains(seed) { return issue }
      var issue = issue
      issue.comments.append(seed)
      return issue
    }
  }
}
