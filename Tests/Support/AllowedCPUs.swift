package import Base
internal import Linux

/// The CPUs that a thread may use, as the kernel lists them: this one, or the main thread of `self`.
package func allowedCPUs(of thread: String = "thread-self") throws -> NumberSet {
  let text = try StampedFile.read("/proc/\(thread)/status", limit: 1 << 16).bytes
  for line in ASCII.lines(text) {
    let fields = ASCII.fields(line)
    guard let name = fields.first, fields.count == 2,
      String(decoding: name, as: UTF8.self) == "Cpus_allowed_list:"
    else { continue }
    return NumberSet(list: fields[1]) ?? NumberSet()
  }
  return NumberSet()
}

/// The first of them.
package func firstCPU() throws -> NumberSet {
  NumberSet(try allowedCPUs().first.map { [$0] } ?? [])
}
