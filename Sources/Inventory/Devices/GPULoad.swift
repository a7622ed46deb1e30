/// Whether a GPU is busy, by all that its driver reports.
extension GPU {
  /// What is known of the load of a GPU.
  public enum Load: Hashable, Sendable {
    /// It works: its busy time says so, and the power it draws or its clock agrees.
    case working
    /// It has nothing to do.
    case idle
    /// Not reported, or one counter contradicts the others.
    case unknown
  }

  /// Below this share of time a GPU is idle: its counter is an average, and reading it makes some
  /// work. From it on it may be busy.
  static let workingShare = 0.05
  /// A card that works draws more than this share of what it may draw. Idle cards draw 5 to 20 % of
  /// their cap, and up to 30 % while the counter is stuck.
  static let workingPower = 1.0 / 3

  /// Whether it works. One counter is no proof of load: amdgpu's firmware hands on
  /// `gpu_busy_percent` of 100 for an idle card (drm/amd issues 1932 and 3482), and a card that
  /// is claimed to be busy and draws what an idle one draws may be either.
  public var load: Load {
    guard let busyShare else { return .unknown }
    if busyShare < GPU.workingShare { return .idle }
    guard let powerWatts, let most = powerCap?.watts, most > 0 else { return .unknown }
    return powerWatts >= most * GPU.workingPower ? .working : .unknown
  }

  /// Whether it has nothing to do; nil where that is not known.
  public var isIdle: Bool? {
    switch load {
    case .idle: true
    case .working: false
    case .unknown: nil
    }
  }
}
