package import Base

/// Which boot this is.
package enum BootID {
  /// Random text that no other boot has (`/proc/sys/kernel/random/boot_id`, random(4)).
  package static func current() throws(Failure) -> String {
    let path = "/proc/sys/kernel/random/boot_id"
    do throws(Errno) {
      let text = try StampedFile.read(path, limit: 64).bytes
      return String(decoding: ASCII.trimmed(text[...]), as: UTF8.self)
    } catch {
      throw Failure("read \(path)", error)
    }
  }
}
