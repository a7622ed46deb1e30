internal import Inventory
internal import RuntimeCatalog

/// What the checks of runtimes share.
enum RuntimeEvidence {
  /// The unit of a runtime.
  static func unit(_ runtime: HostedRuntime) -> String { "tinybox-runtime@\(runtime.name).service" }

  /// The drop-in of a runtime.
  static func dropIn(_ runtime: HostedRuntime) -> String {
    "/run/systemd/system/\(unit(runtime)).d/10-tinybox.conf"
  }

  /// The path of a fact of a runtime.
  static func path(_ runtime: HostedRuntime, _ fact: String) -> String {
    "runtimes.runtimes[\(runtime.name)].\(fact)"
  }

  /// A fact of its unit.
  static func ofUnit(_ runtime: HostedRuntime, _ fact: String, _ value: String) -> Evidence {
    Evidence(path(runtime, fact), value, path: dropIn(runtime))
  }

  /// A fact of the registry.
  static func ofRegistry(_ runtime: HostedRuntime, _ fact: String, _ value: String) -> Evidence {
    Evidence(path(runtime, fact), value, path: RuntimeRegistry.path)
  }

  /// The subject of findings.
  static func subject(_ runtime: HostedRuntime) -> Subject { Subject("runtime \(runtime.name)") }
}

extension Check {
  /// A finding for each runtime; what to report when there is none, or nobody could look.
  static func eachRuntime(
    _ box: Box, _ judge: (RuntimesState, HostedRuntime) -> Finding?
  ) -> [Finding] {
    guard let state = box.inventory.runtimes else {
      return [notApplicable("no runtime of a model")]
    }
    if state.runtimes.isEmpty {
      return [
        unknown(
          "unknown whether there are runtimes",
          evidence: [
            Evidence(
              missing: "runtimes.runtimes", key: "runtimes", in: state.unknown,
              path: "/etc/tinybox/runtimes")
          ])
      ]
    }
    let findings = state.runtimes.compactMap { judge(state, $0) }
    return findings.isEmpty ? [notApplicable("no runtime that it is about")] : findings
  }
}
