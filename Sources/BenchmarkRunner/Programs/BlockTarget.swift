internal import Base
internal import KernelTree
internal import Linux

/// Checks that a block device is what was meant, before fio opens it.
enum BlockTarget {
  /// The node of a block device.
  /// - Parameter folder: where the nodes are.
  /// - Throws: `Failure` when there is none, it is that of another device, or it cannot be read.
  static func path(
    of name: String, in folder: String = "/dev", _ tree: KernelTree = .live
  ) throws(Failure) -> String {
    let path = "\(folder)/\(name)"
    let step = "use \(path)"
    guard !name.isEmpty, !name.contains("/"), name != ".." else {
      throw Failure(step, because: "it is no name of a block device", code: .usage)
    }
    guard let wanted = tree.textIfPresent("/sys/class/block/\(name)/dev"), !wanted.isEmpty else {
      throw Failure(step, because: "the kernel has no block device \(name)")
    }
    let number: String?
    do throws(Errno) {
      number = try BlockDevice.number(of: path)
    } catch {
      throw Failure(step, error)
    }
    guard number == wanted else {
      throw Failure(
        step,
        because:
          "it is \(number.map { "device \($0)" } ?? "no block device"), and \(name) is \(wanted)",
        code: .conflict)
    }
    do throws(Errno) {
      try BlockDevice.checkReadable(path)
    } catch {
      throw Failure(
        step, error, hint: error.isNotPermitted ? "only root reads block devices" : nil,
        code: error.isNotPermitted ? .notPermitted : .failed)
    }
    return path
  }

  /// Checks that a drive may be overwritten: it alone has the serial number that was named, nothing uses it,
  /// and nothing on it has a signature that libblkid knows.
  static func checkOverwritable(
    _ name: String, _ path: String, serial: String?, _ session: MeasuringSession,
    _ tree: KernelTree = .live
  ) throws(Failure) {
    let step = "overwrite \(path)"
    let own = tree.textIfPresent("/sys/class/block/\(name)/device/serial")
    guard let serial, !serial.isEmpty, own == serial else {
      throw Failure(
        step, because: "its serial number is not the one that was named", code: .notPermitted)
    }
    // Some makers give many drives one serial number, and a drive may have several namespaces. Paths of a
    // multipath drive are hidden (drivers/nvme/host/multipath.c).
    let others = tree.namesIfPresent("/sys/class/block").filter { other in
      other != name && tree.textIfPresent("/sys/class/block/\(other)/device/serial") == serial
        && tree.textIfPresent("/sys/class/block/\(other)/hidden") != "1"
    }
    guard others.isEmpty else {
      throw Failure(
        step, because: "\(others.joined(separator: ", ")) has the same serial number",
        code: .notPermitted)
    }
    do throws(Errno) {
      try BlockDevice.checkUnused(path)
      // blkid says of a device that it cannot read what it says of an empty one.
      try BlockDevice.checkEnds(path)
    } catch {
      throw Failure(step, error, code: .notPermitted)
    }
    // blkid(8): 2 when nothing was found; partition tables count. Any other answer is no proof.
    let outcome = try session.run(["blkid", "--probe", path], deadlineSeconds: 20)
    guard outcome.status == 2, outcome.output.isEmpty, outcome.errors.isEmpty else {
      let found = String(decoding: ASCII.trimmed(outcome.output.prefix(200)), as: UTF8.self)
      throw Failure(
        step, because: found.isEmpty ? "blkid: \(outcome.lastLine)" : "it carries \(found)",
        code: .notPermitted)
    }
  }
}
