internal import Base
internal import KernelTree

/// The `queues` folder of an interface.
enum NICQueues {
  /// Counts the queues; with `steering` also reads which CPUs serve them in software. The kernel
  /// takes the lock of all interfaces for each of those files, so only when they are shown.
  static func read(_ reader: inout FactReader, steering: Bool) -> NIC.Queues {
    var queues = NIC.Queues()
    let names: [String]
    do throws(ReadFailure) {
      names = try reader.tree.names(reader.path("queues"))
    } catch {
      reader.note("queues", error)
      return queues
    }
    let receive = names.compactMap { number($0, "rx-") }
    let transmit = names.compactMap { number($0, "tx-") }
    // A kernel that does not show the queues of one kind has no folders for them: not 0 queues.
    queues.receiveAllocated = receive.isEmpty ? nil : receive.count
    queues.transmitAllocated = transmit.isEmpty ? nil : transmit.count
    guard steering else { return queues }
    var flowCounts: [Int] = []
    for queue in receive {
      let folder = "queues/rx-\(queue)"
      if let cpus = reader.parsed("rps", folder + "/rps_cpus", { NumberSet(mask: $0) }),
        !cpus.isEmpty
      {
        queues.rps[queue] = cpus
      }
      if let flows = reader.decimal("rfsFlows", folder + "/rps_flow_cnt"), flows >= 0,
        flows <= Int(Int32.max)
      {
        flowCounts.append(flows)
      }
    }
    if !flowCounts.isEmpty { queues.rfsFlows = flowCounts.reduce(0, &+) }
    for queue in transmit {
      // Listed and ENOENT on devices with one queue: nothing to steer.
      if let cpus = reader.parsed(
        "xps", "queues/tx-\(queue)/xps_cpus", { NumberSet(mask: $0) }), !cpus.isEmpty
      {
        queues.xps[queue] = cpus
      }
    }
    return queues
  }

  private static func number(_ name: String, _ prefix: String) -> Int? {
    guard name.hasPrefix(prefix), let number = Int(name.dropFirst(prefix.count)), number >= 0
    else { return nil }
    return number
  }
}
