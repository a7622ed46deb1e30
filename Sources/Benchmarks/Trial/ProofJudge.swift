package import Base
package import Inventory

/// The trials of this machine, as far as they are known.
package enum TrialHistory: Sendable {
  /// Every trial that was kept, or the last of each series, in the order in which they were stored.
  case known([BenchmarkTrial])
  /// They are not known, for this reason.
  case unknown(String)

  /// What a document of trials says.
  package init(_ document: BenchmarkTrialsDocument) {
    self =
      document.hasHistory
      ? .known(document.trials) : .unknown("there is no history: nothing was measured here yet")
  }
}

/// A device with a placement, as it is now.
package struct ProofSubject: Hashable, Sendable {
  /// Its usual name.
  package var device: String
  /// Its address.
  package var address: PCIAddress
  /// Serial number, hardware address or unique id; nil where it has none, or none is readable.
  package var identity: String?
  /// Whether no other device has this identity: some makers give many drives one serial number, and the
  /// interfaces of a bond have one address.
  package var isOnlyOne = true
  /// The id of its settings, as a trial of them would have; nil where they are not known.
  package var plan: String?
  /// Why they are not known.
  package var problem: String?

  /// A device.
  package init(device: String, address: PCIAddress, identity: String?, plan: String?) {
    self.device = device
    self.address = address
    self.identity = identity
    self.plan = plan
  }
}

/// Decides what trials show of the placement as it is now.
package enum ProofJudge {
  /// What is shown of each device.
  /// - Parameter kernel: release of the running one; nil where it is not known.
  package static func proofs(
    of subjects: [ProofSubject], kernel: String?, _ history: TrialHistory
  ) -> [PlacementProof] {
    subjects.map { subject in
      switch history {
      case .unknown(let reason):
        PlacementProof(
          device: subject.device, address: subject.address, state: .unknown, reason: reason)
      case .known(let trials):
        proof(of: subject, kernel, trials.filter { isOf(subject, $0) })
      }
    }
  }

  // MARK: Which trials are the device's

  private static func isOf(_ subject: ProofSubject, _ trial: BenchmarkTrial) -> Bool {
    guard let tried = trial.conditions else {
      // An earlier version stored the key alone: the identity, and what follows it.
      guard let identity = subject.identity.map(SeriesKey.part), subject.isOnlyOne else {
        return false
      }
      guard trial.device.hasPrefix(identity) else { return false }
      return trial.device.dropFirst(identity.count).first.map { "-@".contains($0) } ?? true
    }
    guard let identity = subject.identity, let before = tried.identity else {
      return tried.address == subject.address
    }
    return identity == before && (subject.isOnlyOne || tried.address == subject.address)
  }

  // MARK: What they show

  private static func proof(
    of subject: ProofSubject, _ kernel: String?, _ trials: [BenchmarkTrial]
  ) -> PlacementProof {
    var last: [Substring: BenchmarkTrial] = [:]
    for trial in trials { last[trial.metric] = trial }
    let newest = last.values.max { ($0.time, $0.id) < ($1.time, $1.id) }
    let loads = last.values.sorted { $0.metric < $1.metric }.map { load($0, subject, kernel) }
    var proof = PlacementProof(
      device: subject.device, address: subject.address, state: .notTried, loads: loads)
    guard let newest else { return proof }
    let current = Set(loads.filter { $0.isCurrent == true }.map(\.verdict))
    if current.contains(.worse) {
      proof.state = .worse
    } else if current.contains(.gain) {
      proof.state = .gain
    } else if current.contains(.noGainShown) {
      proof.state = .noGainShown
    } else {
      let isUnknown = loads.contains { $0.isCurrent == nil }
      proof.state = isUnknown ? .unknown : .triedBeforeChange
      // Of the newest trial, where it is one of those that decide.
      let deciding = loads.filter { !isUnknown || $0.isCurrent == nil }
      proof.reason =
        (deciding.first { $0.metric == newest.metric } ?? deciding.first)?.reason
    }
    return proof
  }

  private static func load(
    _ trial: BenchmarkTrial, _ subject: ProofSubject, _ kernel: String?
  ) -> PlacementProof.Load {
    let (changed, missing) = differences(trial, subject, kernel)
    // What has changed is certain, whatever else is not known.
    let reason = changed.isEmpty ? missing : changed
    return PlacementProof.Load(
      metric: String(trial.metric), time: trial.time, verdict: trial.verdict, ratio: trial.ratio,
      low: trial.low, high: trial.high, pairs: trial.pairs.count,
      isCurrent: changed.isEmpty ? (missing.isEmpty ? true : nil) : false,
      reason: reason.isEmpty ? nil : reason.joined(separator: "; "))
  }

  /// What is not as it was, and what is not known, in words.
  private static func differences(
    _ trial: BenchmarkTrial, _ subject: ProofSubject, _ kernel: String?
  ) -> (changed: [String], missing: [String]) {
    var changed: [String] = []
    var missing: [String] = []
    if let tried = trial.conditions {
      if tried.address != subject.address { changed.append("it was at \(tried.address.short)") }
      if tried.identity == nil || subject.identity == nil {
        missing.append("it has no serial number to know it by")
      }
      if let before = tried.kernel, let kernel {
        if before != kernel { changed.append("kernel \(before) then, \(kernel) now") }
      } else {
        missing.append("the kernel of the trial or of now is not known")
      }
    } else {
      missing.append("an earlier version stored the trial without its kernel and address")
    }
    if let plan = subject.plan {
      if trial.planID != plan { changed.append("other settings or values were tried") }
    } else {
      missing.append(subject.problem ?? "the settings of now are not known")
    }
    return (changed, missing)
  }
}

extension DeviceIndex {
  /// What a device is known by, wherever it is: serial number of a drive, hardware addresses of an interface,
  /// unique id of a GPU. Nil where it has none, or none is readable.
  package func identity(_ address: PCIAddress) -> String? {
    let text: String?
    if let gpu = gpu(address) {
      text = gpu.uniqueID
    } else if let drive = nvme(address) {
      text = drive.serial
    } else {
      text = nics(address).compactMap(\.hardwareAddress).sorted().joined(separator: "+")
    }
    return text.flatMap { $0.isEmpty ? nil : $0 }
  }
}
