/// Moments at which a controller has something to do. There is none that merely looks whether there
/// is something to do.
struct Timers<Item: Hashable & CaseIterable> {
  private var moments: [Item: Double] = [:]
  /// When the first of a burst of notifications came, for items that wait for its end.
  private var firsts: [Item: Double] = [:]

  /// When the next item is due, monotonic seconds; nil when none is.
  var next: Double? { moments.values.min() }

  /// Whether an item has a moment.
  func has(_ item: Item) -> Bool { moments[item] != nil }

  mutating func set(_ item: Item, at moment: Double?) { moments[item] = moment }

  /// Something happened: the item is due when nothing has for `quiet` seconds, and `limit` seconds
  /// after the first time at the latest.
  mutating func debounce(_ item: Item, at now: Double, quiet: Double, limit: Double) {
    let first = firsts[item] ?? now
    firsts[item] = first
    moments[item] = min(now + quiet, first + limit)
  }

  /// The items that are due, in the order of their cases; they are taken off.
  mutating func due(at now: Double) -> [Item] {
    let due = Item.allCases.filter { moments[$0].map { $0 <= now } ?? false }
    for item in due {
      moments[item] = nil
      firsts[item] = nil
    }
    return due
  }
}
