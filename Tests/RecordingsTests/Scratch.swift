import Glibc

/// A folder of this machine that goes away with the value.
final class Scratch {
  let path: String

  init() {
    var template = Array("/tmp/tinybox-test-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/nonexistent"
    }
  }

  deinit { remove("") }

  func folder(_ name: String) { mkdir(path + "/" + name, 0o755) }

  func link(_ name: String, to target: String) { symlink(target, path + "/" + name) }

  func file(_ name: String, _ bytes: some Sequence<UInt8>, mode: mode_t = 0o644) {
    let descriptor = open(path + "/" + name, O_WRONLY | O_CREAT | O_TRUNC, mode)
    let content = Array(bytes)
    _ = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    fchmod(descriptor, mode)
    close(descriptor)
  }

  func content(_ name: String) -> [UInt8] {
    let descriptor = open(path + "/" + name, O_RDONLY)
    defer { close(descriptor) }
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count <= 0 { return all }
      all += buffer[..<count]
    }
  }

  func names(_ folder: String = "") -> [String] {
    guard let folder = opendir(path + "/" + folder) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private func remove(_ name: String) {
    if unlink(path + "/" + name) == 0 { return }
    for child in names(name) { remove(name + "/" + child) }
    rmdir(path + "/" + name)
  }
}
