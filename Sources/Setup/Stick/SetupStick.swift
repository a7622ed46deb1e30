/// A file system with the label of a stick for set-up, as the kernel and udev describe it.
package struct SetupStickDevice: Hashable, Sendable {
  /// Its name in sysfs, such as `sda1`.
  package var name: String
  /// Its file system, as udev names it; nil where that is not known.
  package var fileSystem: String?
  /// Whether it is connected by USB; a stick that a BMC presents is too.
  package var isUSB: Bool

  package init(name: String, fileSystem: String?, isUSB: Bool) {
    (self.name, self.fileSystem, self.isUSB) = (name, fileSystem, isUSB)
  }
}

/// Whether the answers of a stick are used.
package enum SetupStick {
  /// The label of its file system.
  package static let label = "TINYBOX"
  /// The file of answers on it, in its top folder.
  package static let answersFile = "setup.toml"
  /// The file of public keys on it, one a line.
  package static let keysFile = "authorized_keys"
  /// File systems that are mounted. Each is code of the kernel that reads what somebody else wrote: these are what
  /// other systems make on a stick, and Debian's own.
  package static let fileSystems = ["vfat", "exfat", "ext4"]
  /// Seconds after the start of the kernel in which a stick is looked at. Whoever plugs one in later has not started
  /// the box for it. The slowest boot that was measured took 300.
  package static let bootSeconds = 600.0

  /// The owner's file of answers.
  package enum AnswersFile: Hashable, Sendable {
    case missing
    /// It was copied from a stick, and not changed since.
    case ofStick
    /// Somebody wrote it.
    case ofOwner
  }

  /// What the choice depends on.
  package struct Situation: Hashable, Sendable {
    /// File systems with the label.
    package var devices: [SetupStickDevice]
    /// Whether set-up was complete at any time; nil where that is not known.
    package var wasFinished: Bool?
    /// Whether there are answers in a credential.
    package var hasCredential: Bool
    package var answersFile: AnswersFile
    /// Seconds since the kernel started; nil where that is not known.
    package var seconds: Double?
    /// Whether somebody asks for it who may change the machine; else the boot does.
    package var isAsked: Bool
    /// Whether that person allowed to replace the owner's file.
    package var mayReplace: Bool

    package init(
      devices: [SetupStickDevice], wasFinished: Bool?, hasCredential: Bool,
      answersFile: AnswersFile, seconds: Double?, isAsked: Bool = false, mayReplace: Bool = false
    ) {
      (self.devices, self.wasFinished) = (devices, wasFinished)
      (self.hasCredential, self.answersFile, self.seconds) = (hasCredential, answersFile, seconds)
      (self.isAsked, self.mayReplace) = (isAsked, mayReplace)
    }
  }

  /// Which stick is used, or why none is.
  package enum Choice: Hashable, Sendable {
    case use(SetupStickDevice)
    /// There is none.
    case nothing
    /// There is one, and its time is over, or other answers come before it.
    case refuse(String)
    /// There is one that cannot be read, or more than one.
    case unusable(String)
  }

  /// Decides. The boot uses a stick only while set-up was never complete; a person's word is consent.
  package static func choose(_ situation: Situation) -> Choice {
    if situation.devices.isEmpty { return .nothing }
    if let reason = situation.isAsked ? askedRefusal(situation) : bootRefusal(situation) {
      return .refuse(reason)
    }
    let (usable, reasons) = judged(situation.devices)
    if usable.count == 1 { return .use(usable[0]) }
    if usable.isEmpty { return .unusable(reasons.joined(separator: "; ")) }
    let names = usable.map(\.name).joined(separator: ", ")
    return .unusable("\(usable.count) file systems have the label \(label): \(names)")
  }

  private static func bootRefusal(_ situation: Situation) -> String? {
    switch situation.wasFinished {
    case true: return "set-up was complete before; 'tinyboxctl setup stick' uses it all the same"
    case nil: return "it is not known whether set-up was complete before"
    default: break
    }
    if situation.hasCredential { return "the credential \(SetupFile.credential) comes before it" }
    if situation.answersFile == .ofOwner { return "\(SetupFile.main) comes before it" }
    guard let seconds = situation.seconds else {
      return "it is not known how long ago the kernel started"
    }
    if seconds > bootSeconds {
      return
        "it was found more than \(Int(bootSeconds / 60)) minutes after the start; the next start uses it, "
        + "or 'tinyboxctl setup stick'"
    }
    return nil
  }

  private static func askedRefusal(_ situation: Situation) -> String? {
    if situation.answersFile == .ofOwner, !situation.mayReplace {
      return "\(SetupFile.main) is there; --replace replaces it"
    }
    return nil
  }

  private static func judged(
    _ devices: [SetupStickDevice]
  ) -> (usable: [SetupStickDevice], reasons: [String]) {
    var usable: [SetupStickDevice] = []
    var reasons: [String] = []
    for device in devices {
      if !device.isUSB {
        reasons.append("\(device.name) is not connected by USB")
      } else if let kind = device.fileSystem, fileSystems.contains(kind) {
        usable.append(device)
      } else {
        reasons.append(
          "\(device.name) has the file system \(device.fileSystem ?? "unknown"), and only "
            + "\(fileSystems.joined(separator: ", ")) are read")
      }
    }
    return (usable, reasons)
  }
}
