internal import Apply
package import Base
internal import Configuration
internal import Inventory
internal import KernelTree
internal import Linux
internal import Placement
package import Setup

extension LiveSetupMachine {
  package func power(without file: String) throws(Failure) -> SetupPower {
    let tree = try reader.tree()
    let inventory = try reader.inventory(.deviceNodes, of: tree)
    let policy: Policy
    do throws(ConfigurationFailure) {
      policy = try PolicyFiles.read(ConfigurationSource.live.below(root).hiding(file))
    } catch {
      throw PlacementOperations.unusable(error.problems, step: "use the configuration")
    }
    return SetupPower(
      inventory, policy, hasPersistenceDaemon: ServiceState.read(tree).hasPersistenceDaemon)
  }

  package func remove(_ path: String) throws(Failure) { try DurableFile.remove(root + path) }

  /// Seconds that another program which changes the placement has to end.
  private static let lockSeconds = 60.0

  package func setPower(_ settings: [SetupPower.Setting]) throws(Failure) {
    let changes = settings.flatMap(Change.all)
    // Another root folder is no running machine.
    guard root.isEmpty, !changes.isEmpty else { return }
    let results = try applying(changes)
    let refused = results.compactMap { result -> String? in
      switch result.outcome {
      case .done, .unchanged, .gone: nil
      case .pending, .refused, .differs, .notAllowed:
        "\(result.change.knob.label) \(result.change.new): \(result.reason ?? "another value is in place")"
      }
    }
    if !refused.isEmpty {
      throw Failure(
        "limit the power of GPUs", because: refused.joined(separator: "\n"),
        hint: "'tinyboxctl placement plan' shows what each card takes", code: .conflict)
    }
  }

  /// tinyboxd may be setting the same at this moment: it has read the file, or found what drifted.
  private func applying(_ changes: [Change]) throws(Failure) -> [ApplyResult] {
    let placement = PlacementOperations(reader)
    let end = Clock.seconds() + Self.lockSeconds
    while true {
      do {
        return try placement.locked { try placement.apply(changes, nil) }
      } catch let failure as Failure {
        guard failure.code == .busy, Clock.seconds() < end else { throw failure }
        Clock.sleep(seconds: 0.5)
      } catch let failure as KnobFailure {
        throw Failure("limit the power of GPUs", failure)
      } catch {
        throw Failure("limit the power of GPUs", because: "\(error)")
      }
    }
  }

  package func reloadConfiguration() throws(Failure) {
    guard root.isEmpty, KernelTree.live.exists("/run/systemd/system") else { return }
    // Does nothing where it does not run.
    try run(
      "have tinyboxd read its configuration",
      ["systemctl", "try-reload-or-restart", "tinyboxd.service"], seconds: 120)
  }
}

extension Change {
  /// The changes that set a GPU. The persistence mode is first: a driver that lets go of a card forgets its cap.
  fileprivate static func all(_ setting: SetupPower.Setting) -> [Change] {
    guard let address = PCIAddress(setting.address) else { return [] }
    func change(_ knob: Knob, _ value: String) -> Change {
      Change(
        knob, subject: "GPU", device: address, old: nil, new: value,
        why: "asked for by the answers of set-up")
    }
    return [
      setting.persistence.map {
        change(.persistence(address), Knob.text(isPersistent: $0))
      },
      setting.watts.map { change(.powerCap(address), $0) },
    ].compactMap { $0 }
  }
}

extension SetupPower {
  /// Power of the GPUs on cards.
  init(_ inventory: Inventory, _ policy: Policy, hasPersistenceDaemon: Bool?) {
    self.init()
    self.hasPersistenceDaemon = hasPersistenceDaemon
    if let own = policy.power, own.value == .observe {
      observedAt = own.position.map(String.init(describing:)) ?? "the configuration"
    }
    gpus = inventory.gpus.filter { $0.isBuiltIn != true }.map { gpu in
      var power = GPU(address: "\(gpu.address)", isNVIDIA: gpu.vendor == .nvidia)
      if let cap = gpu.powerCap {
        power.watts = Knob.watts(cap.watts)
        if let low = cap.minimumWatts, let high = cap.maximumWatts, low <= high {
          power.range = low...high
        }
      }
      power.isPersistent = gpu.isPersistent
      power.reason = gpu.unknown.first { ["powerCap", "isPersistent"].contains($0.fact) }?.reason
      let rule = policy.rule(.gpu, gpu.address, names: [])
      power.configuredWatts = rule.powerCap.map { Configured($0) }
      power.configuredPersistence = rule.persistence.map { Configured($0) }
      return power
    }
  }
}

extension SetupPower.Configured {
  fileprivate init(_ setting: Setting<Value>) {
    self.init(
      setting.value,
      at: setting.position.map(String.init(describing:)) ?? "the configuration")
  }
}
