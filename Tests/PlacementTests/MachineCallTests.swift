import Base
import Foundation
import Glibc
import Linux
import Systemd
import TestSupport
import Testing

@testable import Apply

private let hasBus = dlopen(SystemBus.library, RTLD_NOW) != nil

/// The calls with which the running machine is changed, against stand-ins.
@Suite struct MachineCallTests {
  /// A folder of this test's, and a stand-in built into it and started.
  private func start(_ stub: String, _ flags: String, _ arguments: (String) -> String) throws
    -> String
  {
    let folder = try temporaryPath()
    let program = try build(stub, in: folder, flags)
    // The stand-in forks once it listens.
    try background("'\(program)' \(arguments(folder)) >/dev/null")
    return folder
  }

  @Test(.enabled(if: hasBus)) func `a unit's CPUs go to systemd and come back`() throws {
    let folder = try start("units", "-l:\(SystemBus.library)") { $0 + "/socket" }
    let address = "unix:path=\(folder)/socket"
    let open: UnitProperties.Open = { () throws(LibraryError) in
      try SystemBus.open(address: address, isBus: false)
    }
    #expect(try UnitProperties.bytes("AllowedCPUs", of: "a-b.slice", open: open) == [])
    let set = try #require(NumberSet(list: "0-3,8,130"))
    try UnitPropertyWriter.set("AllowedCPUs", to: set.bits, of: "a-b.slice", open: open)
    let back = try UnitProperties.bytes("AllowedCPUs", of: "a-b.slice", open: open)
    #expect(NumberSet(bits: back) == set)
    #expect(
      try UnitProperties.controlGroup(of: "a-b.slice", open: open) == "/a.slice/a-b.slice")
    #expect(try UnitProperties.isLoaded("a-b.slice", open: open))
    #expect(try !UnitProperties.isLoaded("gone.scope", open: open))
    try UnitPropertyWriter.set("AllowedCPUs", to: [], of: "a-b.slice", open: open)
    #expect(try UnitProperties.bytes("AllowedCPUs", of: "a-b.slice", open: open) == [])
    do throws(LibraryError) {
      _ = try UnitProperties.bytes("AllowedCPUs", of: "x.slice", open: open)
      Issue.record("a unit that is not there was read")
    } catch {
      #expect(error.description.contains("Unit x.slice not found."))
    }
    #expect(throws: LibraryError.self) {
      try UnitPropertyWriter.set("NoSuch", to: [1], of: "a-b.slice", open: open)
    }
  }

  @Test(arguments: [true, false]) func `irqbalance's list is read, replaced and emptied`(
    isFile: Bool
  ) throws {
    // Its socket has a name that no other process on this machine may have; there is no such pid.
    let pid = 5_000_000 + 2 * Int(getpid()) + (isFile ? 1 : 0)
    let owner = getuid()
    let folder = try start("irqbalance", "") { isFile ? "\($0) \(pid)" : "- \(pid)" }
    func banned() throws -> [Int]? {
      IRQBalanceSocket.banned(
        in: try IRQBalanceSocket.setup(pid: pid, folder: folder, owner: owner))?.numbers
    }
    #expect(try banned() == [7])
    try IRQBalanceWriter.ban([7, 30, 31], pid: pid, folder: folder, owner: owner)
    #expect(try banned() == [7, 30, 31])
    let many = Array(100..<2000)
    try IRQBalanceWriter.ban(many, pid: pid, folder: folder, owner: owner)
    #expect(try banned() == many)
    // A longer command would be thrown away without a word.
    #expect(throws: Errno.self) {
      try IRQBalanceWriter.ban(Array(10_000..<20_000), pid: pid, folder: folder, owner: owner)
    }
    #expect(try banned() == many)
    try IRQBalanceWriter.ban([], pid: pid, folder: folder, owner: owner)
    #expect(try banned() == [])
  }

  @Test func `nobody behind the socket, and an answer that is none`() {
    #expect(throws: Errno.self) {
      _ = try IRQBalanceSocket.setup(pid: 999_999_999, folder: "/nowhere")
    }
    func banned(_ answer: String) -> [Int]? {
      IRQBalanceSocket.banned(in: answer)?.numbers
    }
    #expect(banned("") == nil)
    #expect(banned("SLEEP 10 IRQ") == nil)
    #expect(banned("SLEEP 10 BANNED 00") == [])
    #expect(banned("SLEEP 10 IRQ 12") == [12])
    for number in ["-1", "1048576", "9223372036854775807", "9223372036854775808"] {
      #expect(banned("SLEEP 10 IRQ 12 LOAD 0 IRQ \(number)") == nil)
    }
  }

  @Test func `a lock is held by one at a time, and goes with its holder`() throws {
    let folder = try Project.temporaryFolder().path
    let path = folder + "/lock"
    do {
      let first = try FileLock(path)
      do throws(Errno) {
        _ = try FileLock(path)
        Issue.record("two hold it")
      } catch {
        #expect(error == .EAGAIN)
      }
      _ = consume first
    }
    _ = try FileLock(path)
    #expect(throws: Errno.self) { _ = try FileLock("/nowhere/lock") }
  }

  @Test func `a kernel file is written in one call, and never made`() throws {
    let folder = try Project.temporaryFolder().path
    #expect(throws: Errno.self) { try KernelFileWriter.write("1", to: folder + "/none") }
    #expect(access(folder + "/none", F_OK) != 0)
    #expect(throws: Errno.self) { try KernelFileWriter.write("1", to: folder) }
  }

  @Test(arguments: [
    ("", "0"), ("0", "00000001"), ("31", "80000000"), ("32", "00000001,00000000"),
    ("0-3,64", "00000001,00000000,0000000f"),
  ]) func `masks are written as the kernel reads them`(list: String, mask: String) throws {
    let set = try #require(NumberSet(list: list))
    #expect(set.mask == mask)
    #expect(NumberSet(mask: Array(mask.utf8)[...]) == set)
    #expect(NumberSet(bits: set.bits) == set)
  }
}
