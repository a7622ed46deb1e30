import Base
import Foundation
import Glibc
import Testing

@testable import Linux

/// CAP_SYS_ADMIN outside of any user namespace (capabilities(7), user_namespaces(7)).
private let mayMount: Bool = {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let users = (try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
  let effective = line.flatMap {
    UInt64($0.dropFirst(7).trimmingCharacters(in: .whitespaces), radix: 16)
  }
  return (effective ?? 0) & 1 << 21 != 0 && users.contains("4294967295")
}()

@Suite struct ReadOnlyFileSystemTests {
  private func failure(_ system: borrowing ReadOnlyFileSystem, _ name: String) -> Errno? {
    do throws(Errno) {
      _ = try system.bytes(name, limit: 10)
      return nil
    } catch {
      return error
    }
  }

  /// What the top folders that this process has open are mounted with: one in no folder has the path `/` too.
  private func flagsOfTopFolders() -> [UInt] {
    (0..<256).compactMap { descriptor in
      let path = "/proc/self/fd/\(descriptor)"
      var answer = statvfs()
      guard (try? LinkText.read(path)) == "/", statvfs(path, &answer) == 0 else { return nil }
      return answer.f_flag
    }
  }

  /// proc(5) needs no device, and has files, folders and links.
  @Test(.enabled(if: mayMount)) func `a file system is read and is in no folder`() throws {
    let system = try ReadOnlyFileSystem(device: "proc", kind: "proc")
    // ST_RDONLY, ST_NOSUID, ST_NODEV, ST_NOEXEC, and that no link is followed (statfs(2)).
    #expect(flagsOfTopFolders().contains { $0 & 0x200f == 0x200f })
    #expect(try system.bytes("version", limit: 4096)?.starts(with: Array("Linux".utf8)) == true)
    #expect(try system.bytes("none", limit: 10) == nil)
    #expect(failure(system, "self") == .ELOOP)
    #expect(failure(system, "sys") == .EINVAL)
    #expect(failure(system, "cpuinfo") == .EFBIG)
  }

  @Test func `what is no file system is refused`() {
    for kind in ["ext4", "none such"] {
      #expect(throws: Errno.self) { _ = try ReadOnlyFileSystem(device: "/dev/null", kind: kind) }
    }
  }
}
