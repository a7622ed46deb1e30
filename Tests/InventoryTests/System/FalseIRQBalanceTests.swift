import Base
import Foundation
import Glibc
import KernelTree
import Linux
import TestSupport
import Testing

@testable import Inventory

/// Processes of an ordinary user that pass themselves off as irqbalance, to which root would talk.
@Suite struct FalseIRQBalanceTests {
  /// `nobody`, who starts them where the tests run as root.
  private static let nobody: UInt32 = 65_534
  private static let user = geteuid() == 0 ? nobody : geteuid()

  /// Starts one that behaves in such a way.
  /// - Returns: its process id.
  private func start(_ mode: String) throws -> Int {
    struct Failed: Error { var step: String }
    let folder = try Project.temporaryFolder()
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    let source = Project.tests.appendingPathComponent("Stubs/false_irqbalance.c").path
    let drop = "setpriv --reuid=\(Self.nobody) --regid=\(Self.nobody) --clear-groups"
    let line =
      "cc -o \(folder.path)/irqbalance '\(source)' && "
      + "\(geteuid() == 0 ? drop : "") \(folder.path)/irqbalance \(mode)"
    let done = try run(URL(fileURLWithPath: "/bin/sh"), ["-c", line])
    try? FileManager.default.removeItem(at: folder)
    guard let pid = Int(done.output.trimmingCharacters(in: .whitespacesAndNewlines)) else {
      throw Failed(step: line + ": " + done.errors)
    }
    return pid
  }

  private func failure(_ body: () throws(Errno) -> String) -> Errno? {
    do throws(Errno) {
      let answer = try body()
      Issue.record("it was believed: \(answer)")
      return nil
    } catch {
      return error
    }
  }

  @Test func `are not taken for it, and their socket is not listened to`() throws {
    let processes = try ["huge", "slow", "silent"].map(start)
    defer { for pid in processes { kill(pid_t(pid), SIGKILL) } }
    // All of them are named so, and there is no other process of that name with a lower number.
    for pid in processes {
      #expect(try KernelTree.live.text("/proc/\(pid)/comm") == "irqbalance")
    }
    let found = IRQBalanceFinder.find(.live)
    #expect(!processes.contains(found.irqbalance?.pid ?? 0))
    for pid in processes {
      #expect(
        failure { () throws(Errno) in try IRQBalanceSocket.setup(pid: pid) } == .EPERM)
    }
  }

  @Test func `a number that cannot be is no answer`() throws {
    let pid = try start("huge")
    defer { kill(pid_t(pid), SIGKILL) }
    let answer = try IRQBalanceSocket.setup(pid: pid, owner: Self.user)
    #expect(answer.contains("IRQ 9223372036854775807"))
    #expect(IRQBalanceSocket.banned(in: answer) == nil)
  }

  @Test(arguments: ["slow", "silent"])
  func `a talk has one deadline, however little is said in it`(mode: String) throws {
    let pid = try start(mode)
    defer { kill(pid_t(pid), SIGKILL) }
    #expect(
      failure { () throws(Errno) in
        try IRQBalanceSocket.setup(pid: pid, owner: Self.user, seconds: 1)
      } == .ETIMEDOUT)
  }

  /// Another tool's recording, in which the real one has the highest number.
  @Test func `the real one is found behind others of its name`() {
    var tree = MemoryTreeBuilder()
    func process(_ pid: Int, _ users: String, _ program: String?) {
      tree.file("/proc/\(pid)/comm", pid == 1 ? "systemd" : "irqbalance")
      tree.file("/proc/\(pid)/status", "Name:\tx\nUid:\t\(users)\nGid:\t0\t0\t0\t0")
      if let program { tree.link("/proc/\(pid)/exe", to: program) }
    }
    process(1, "0\t0\t0\t0", "/usr/lib/systemd/systemd")
    // A user's own program; root's program started by a user; `sudo` through a link of that name.
    process(100, "1000\t1000\t1000\t1000", "/home/eve/irqbalance")
    process(101, "1000\t0\t0\t0", "/usr/sbin/irqbalance")
    process(102, "0\t0\t0\t0", "/usr/bin/sudo")
    var found = IRQBalanceFinder.find(tree.tree())
    #expect(found.irqbalance == nil)
    #expect(found.isComplete)
    process(900, "0\t0\t0\t0", "/usr/sbin/irqbalance (deleted)")
    #expect(IRQBalanceFinder.find(tree.tree()).irqbalance?.pid == 900)
    // What it runs is told to root alone: then only systemd's word for it counts.
    tree.set("/proc/900/exe", .failing(.permissionDenied, kind: .link))
    found = IRQBalanceFinder.find(tree.tree())
    #expect(found.irqbalance == nil)
    #expect(!found.isComplete)
    tree.file("/proc/900/cgroup", "0::/system.slice/irqbalance.service")
    #expect(IRQBalanceFinder.find(tree.tree()).irqbalance?.pid == 900)
    tree.remove("/proc/900/status")
    #expect(!IRQBalanceFinder.find(tree.tree()).isComplete)
  }
}
