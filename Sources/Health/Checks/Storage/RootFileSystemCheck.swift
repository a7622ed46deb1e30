internal import Inventory

/// Whether the root file system can be written and has seen no errors.
enum RootFileSystemCheck: Check {
  static let info = CheckInfo(
    id: "root-filesystem",
    title: "Root file system",
    area: .storage,
    harm: .untidy,
    why: """
      When the disk below the root file system fails, the kernel switches it to read only. The box \
      goes on, and everything that has to write stops at some later moment. ext4 counts the errors \
      it has met; the count stays until the file system is checked.
      """,
    reads: [
      "system.fileSystems[/].isReadOnly (/proc/mounts)",
      "system.fileSystems[/].errorCount (/sys/fs/ext4/DEVICE/errors_count)",
    ],
    verdicts: [
      .pass: "writable, and no errors where the file system counts them",
      .warn: "mounted read only, without an error being known",
      .fail: "errors counted",
      .unknown: "not on a block device that can be followed, or its error count cannot be read",
      .notApplicable: "a container: its root is the engine's; an image that is read only by design",
    ],
    fix: "Look for the cause in the kernel log, save the data, check the file system offline.",
    risk: "A check that repairs may remove damaged files. Save what matters first.",
    sources: [
      "kernel: Documentation/ABI/testing/sysfs-fs-ext4, errors_count",
      "ext4(5): errors=remount-ro",
    ],
    needs: [.system, .machine])

  static func evaluate(_ box: Box) -> [Finding] {
    if box.isInContainer { return [notApplicable("a container's root is its engine's")] }
    let system = box.inventory.system
    let subject = Subject("/")
    guard let root = system.fileSystems.first(where: { $0.mountPoint == "/" }) else {
      return [
        unknown(
          "root file system not seen", subject,
          evidence: [missingRoot(system)])
      ]
    }
    let fact = "system.fileSystems[/]"
    var evidence = [
      Evidence("\(fact).isReadOnly", root.isReadOnly ? "yes" : "no", path: "/proc/mounts"),
      Evidence("\(fact).type", root.type, path: "/proc/mounts"),
    ]
    let advice = Advice(
      "look for the cause, save what matters, then check the file system from another system",
      commands: ["dmesg --level=err,warn | grep -i -e ext4 -e xfs -e btrfs -e 'I/O error'"],
      risk: "a check that repairs may remove damaged files")
    if let errors = root.errorCount {
      evidence.append(
        Evidence("\(fact).errorCount", "\(errors)", path: "/sys/fs/ext4/*/errors_count"))
      if errors > 0 {
        return [
          fail(
            root.isReadOnly ? "read only after \(errors) errors" : "\(errors) errors counted",
            subject, evidence: evidence,
            consequence: "files may be damaged; at the next error the kernel may stop all writing",
            advice: [advice])
        ]
      }
    }
    // An image with a layer over it (OSTree with composefs, live systems) is never written to.
    if root.isReadOnly, ["overlay", "aufs", "squashfs", "erofs"].contains(root.type) {
      return [notApplicable("an image: read only by design", subject, evidence: evidence)]
    }
    if root.isReadOnly {
      return [
        warn(
          "mounted read only", subject, evidence: evidence,
          consequence: "nothing can be installed, logged or configured",
          advice: [
            advice,
            Advice("if nothing is wrong with the disk", commands: ["mount -o remount,rw /"]),
          ])
      ]
    }
    // Only ext4's driver counts; it serves ext2 and ext3 too.
    if root.type.hasPrefix("ext"), root.errorCount == nil {
      evidence.append(
        Evidence(
          missing: "\(fact).errorCount", key: "errorCount", in: root.unknown,
          path: "/sys/fs/ext4/*/errors_count"))
      return [unknown("error count not known", subject, evidence: evidence)]
    }
    return [pass("\(root.type), writable", subject, evidence: evidence)]
  }
}
