package import Base
package import Health
package import Inventory
package import KernelTree
internal import Linux

/// Which checks are run, and looking at a machine while a load runs.
package enum CheckOperations {
  /// Ids and areas, for completions.
  package static var names: [String] {
    Checks.all.map { $0.info.id } + CheckInfo.Area.allCases.map(\.rawValue)
  }

  /// The checks of ids; an area's name stands for all of its checks; no id for all checks.
  package static func named(_ ids: [String]) throws(Failure) -> [any Check.Type] {
    if ids.isEmpty { return Checks.all }
    var wanted: Set<String> = []
    for id in ids {
      let area = CheckInfo.Area.allCases.first { $0.rawValue.lowercased() == id.lowercased() }
      if let area {
        wanted.formUnion(Checks.all.filter { $0.info.area == area }.map { $0.info.id })
      } else if Checks.named(id) != nil {
        wanted.insert(id)
      } else {
        throw unknown(id)
      }
    }
    return Checks.all.filter { wanted.contains($0.info.id) }
  }

  /// The failure for a check that there is not.
  package static func unknown(_ id: String) -> Failure {
    let nearest = NearestWord.find(id, in: Checks.all.map { $0.info.id })
    return Failure(
      "check '\(id)'", because: "there is no such check",
      hint: (nearest.map { "did you mean '\($0)'? " } ?? "")
        + "'tinyboxctl check --all' lists all",
      code: .notFound)
  }

  /// Looks ten times a second, for so many seconds.
  /// - Parameter progress: called at each look with the seconds that have passed.
  package static func sample(
    _ tree: KernelTree, _ inventory: Inventory, seconds: Double, progress: (Double) -> Void
  ) -> Samples {
    var sampler = Sampler(tree, inventory)
    let start = Clock.seconds()
    var now = start
    while now - start < seconds {
      sampler.look(at: now)
      progress(now - start)
      Clock.sleep(seconds: min(0.1, max(0, start + seconds - now)))
      now = Clock.seconds()
    }
    sampler.finish(at: now)
    return sampler.samples()
  }
}
