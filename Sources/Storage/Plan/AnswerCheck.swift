/// Whether answers make sense by themselves, whatever drives are here.
enum AnswerCheck {
  static func refusals(_ answers: StorageAnswers) -> [StorageRefusal] {
    var found: [StorageRefusal] = []
    let serials = answers.drives.map { $0.serial.lowercased() }
    if serials.isEmpty { found.append(StorageRefusal("no drive is named")) }
    if serials.count > StorageAnswers.most {
      found.append(
        StorageRefusal("\(serials.count) drives are named, \(StorageAnswers.most) at the most"))
    }
    for (index, serial) in serials.enumerated() {
      if serial.isEmpty {
        found.append(StorageRefusal("the serial of drive \(index + 1) is empty"))
      } else if serials[..<index].contains(serial) {
        found.append(StorageRefusal(serial: answers.drives[index].serial, "it is named twice"))
      }
    }
    if let layout = answers.layout {
      if layout != .plain, serials.count < 2 {
        found.append(StorageRefusal("\(layout.rawValue) needs two drives at least"))
      }
    } else if serials.count > 1 {
      found.append(
        StorageRefusal(
          "several drives are named without a layout", hint: "plain, mirror or raid0"))
    }
    // Consent for a drive that is not used is a mistake about which drive is meant.
    for serial in answers.consent where !serials.contains(serial.lowercased()) {
      found.append(
        StorageRefusal(serial: serial, "consent names it, and it is not among the drives"))
    }
    if let reason = mountPoint(answers.mountPoint) { found.append(StorageRefusal(reason)) }
    return found
  }

  /// Why a mount point is refused.
  private static func mountPoint(_ path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard path.hasPrefix("/"), !parts.isEmpty,
      parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
    else {
      return "the mount point \(path) is no absolute path without '.', '..' and '/' at its end"
    }
    let allowed = path.utf8.allSatisfy { byte in
      switch byte {
      case 0x2d, 0x2e, 0x2f, 0x5f, 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
      default: false
      }
    }
    guard allowed else {
      return "the mount point \(path) has other characters than A-Z a-z 0-9 . _ -"
    }
    // A folder that the system is in would be hidden below the mount.
    let places = ["/srv/", "/mnt/", "/media/", "/home/", "/opt/", "/data", "/var/lib/tinybox/"]
    return places.contains { path.hasPrefix($0) }
      ? nil
      : "the mount point \(path) is not below /srv, /mnt, /media, /home, /opt, /data or /var/lib/tinybox"
  }
}
