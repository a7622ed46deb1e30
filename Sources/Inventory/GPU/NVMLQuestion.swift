internal import Accelerators
internal import Linux

/// Asking NVML.
extension NVMLReport {
  /// Asks the library everything.
  static func ask(library: String = NVML.library, uuids: Bool) -> Answer {
    Deadline.run(seconds: deadline) { askNow(library, uuids: uuids) }
      ?? failed(.noAnswer(seconds: deadline))
  }

  private static func failed(_ error: LibraryError) -> Answer {
    var text = AnswerText()
    text.add("failure", error)
    return Answer(text: text.bytes)
  }

  private static func askNow(_ library: String, uuids: Bool) -> Answer {
    do throws(LibraryError) {
      let nvml = try NVML.open(library: library)
      var question = Question()
      question.put("driver", "driver") { () throws(LibraryError) in try nvml.driverVersion() }
      var devices: [(device: NVML.Device, bus: String)] = []
      for index in 0..<min(try nvml.deviceCount(), 1024) {
        do throws(LibraryError) {
          let device = try nvml.device(index)
          let bus = try nvml.busID(device)
          devices.append((device, bus))
          question.text.add("gpu", bus)
          question.ask(nvml, device)
          if uuids, let uuid = try? nvml.uuid(device) { question.uuids[bus] = uuid }
        } catch {
          question.text.add("lost", "NVML device \(index): \(error)")
        }
      }
      for from in devices {
        for to in devices where from.bus != to.bus {
          question.askPeer(nvml, from, to)
        }
      }
      return Answer(text: question.text.bytes, uuids: question.uuids)
    } catch {
      return failed(error)
    }
  }

  private struct Question {
    var text = AnswerText()
    var uuids: [String: String] = [:]

    /// A line of a fact; what the card does not have is left out, a failure is written.
    mutating func put(
      _ key: String, _ fact: String,
      _ ask: () throws(LibraryError) -> some CustomStringConvertible
    ) {
      do throws(LibraryError) {
        text.add(key, try ask())
      } catch .notSupported {
        return
      } catch {
        text.add("unknown", "\(fact) \(error)")
      }
    }

    mutating func ask(_ nvml: borrowing NVML, _ device: NVML.Device) {
      put("name", "name") { () throws(LibraryError) in try nvml.name(device) }
      put("vbios", "vbios") { () throws(LibraryError) in try nvml.vbios(device) }
      put("target", "target") { () throws(LibraryError) in
        let capability = try nvml.capability(device)
        return "sm_\(capability.major)\(capability.minor)"
      }
      pair("memoryTotal", "memoryUsed", "memoryTotalBytes") { () throws(LibraryError) in
        let memory = try nvml.memory(device)
        return (Int(clamping: memory.total), Int(clamping: memory.used))
      }
      put("bar1", "memoryBarBytes") { () throws(LibraryError) in try nvml.bar1Bytes(device) }
      put("power", "powerWatts") { () throws(LibraryError) in try nvml.power(device) }
      put("powerLimit", "powerCap") { () throws(LibraryError) in try nvml.powerLimit(device) }
      put("powerDefault", "powerCap") { () throws(LibraryError) in try nvml.powerDefault(device) }
      pair("powerLow", "powerHigh", "powerCap") { () throws(LibraryError) in
        let range = try nvml.powerRange(device)
        return (Int(range.low), Int(range.high))
      }
      put("persistence", "isPersistent") { () throws(LibraryError) in
        try nvml.isPersistent(device) ? 1 : 0
      }
      put("celsius", "temperatures") { () throws(LibraryError) in try nvml.temperature(device) }
      put("slowdown", "temperatures") { () throws(LibraryError) in
        try nvml.threshold(device, .slowdown)
      }
      put("coreClock", "coreClockHertz") { () throws(LibraryError) in
        try nvml.clock(device, .multiprocessor)
      }
      put("memoryClock", "memoryClockHertz") { () throws(LibraryError) in
        try nvml.clock(device, .memory)
      }
      pair("busy", "memoryBusy", "busyShare") { () throws(LibraryError) in
        let percent = try nvml.utilization(device)
        return (Int(percent.gpu), Int(percent.memory))
      }
      put("throttle", "throttleReasons") { () throws(LibraryError) in
        try nvml.throttleReasons(device)
      }
      put("replays", "pcieReplays") { () throws(LibraryError) in try nvml.replays(device) }
      askErrors(nvml, device)
      askMIG(nvml, device)
      askLinks(nvml, device)
      for kind in [NVML.ProcessKind.compute, .graphics] {
        do throws(LibraryError) {
          for process in try nvml.processes(device, kind) {
            text.add("process", "\(process.pid) \(process.memoryBytes.map(String.init) ?? "-")")
          }
        } catch .notSupported {
          continue
        } catch {
          text.add("unknown", "processes \(error)")
        }
      }
    }

    /// Lines `nvlink NUMBER ACTIVE REMOTE`, or `nvlinks 0` for a card without; nothing from a
    /// library that does not know the question.
    private mutating func askLinks(_ nvml: borrowing NVML, _ device: NVML.Device) {
      for number in 0..<NVML.mostLinks {
        do throws(LibraryError) {
          let isActive = try nvml.isLinkActive(device, number)
          let remote = isActive ? try? nvml.linkRemote(device, number) : nil
          text.add("nvlink", "\(number) \(isActive ? 1 : 0) \(remote ?? "-")")
        } catch .notSupported {
          if number == 0 { text.add("nvlinks", 0) }
          return
        } catch {
          // A card with fewer links refuses the numbers beyond.
          return
        }
      }
    }

    /// A line `peer FROM TO READ WRITE` with NVML's numbers, and a fifth for the way over NVLink
    /// where it is known; `-` for one that is not.
    mutating func askPeer(
      _ nvml: borrowing NVML, _ from: (device: NVML.Device, bus: String),
      _ to: (device: NVML.Device, bus: String)
    ) {
      let read = try? nvml.peerStatus(from.device, to.device, .read)
      let write = try? nvml.peerStatus(from.device, to.device, .write)
      if read == nil && write == nil { return }
      let nvlink = try? nvml.peerStatus(from.device, to.device, .nvlink)
      func word(_ status: Int?) -> String { status.map(String.init) ?? "-" }
      text.add(
        "peer",
        "\(from.bus) \(to.bus) \(word(read)) \(word(write))" + (nvlink.map { " \($0)" } ?? ""))
    }

    /// A line `mig NOW AFTER-RESET` of 0 and 1, and `migDevice GI CI BYTES NAME` an instance.
    private mutating func askMIG(_ nvml: borrowing NVML, _ device: NVML.Device) {
      do throws(LibraryError) {
        let mode = try nvml.migMode(device)
        text.add("mig", "\(mode.isOn ? 1 : 0) \(mode.isPending ? 1 : 0)")
        guard mode.isOn else { return }
        for index in 0..<min(try nvml.migDeviceCount(device), 64) {
          guard let instance = try? nvml.migDevice(device, index) else { continue }
          let numbers = try nvml.migNumbers(instance)
          let bytes = (try? nvml.memory(instance)).map { "\(Int(clamping: $0.total))" } ?? "-"
          let name = (try? nvml.name(instance)) ?? "-"
          text.add("migDevice", "\(numbers.gpu) \(numbers.compute) \(bytes) \(name)")
        }
      } catch .notSupported {
        return
      } catch .noCall {
        return
      } catch {
        text.add("unknown", "mig \(error)")
      }
    }

    private mutating func askErrors(_ nvml: borrowing NVML, _ device: NVML.Device) {
      // A card whose ECC is off has counters that never change: they are not read.
      do throws(LibraryError) {
        guard try nvml.isECCOn(device) else { return }
      } catch .notSupported {
        return
      } catch {
        return text.add("unknown", "ecc \(error)")
      }
      for (counter, name) in [(NVML.ErrorCounter.volatile, "volatile"), (.aggregate, "aggregate")] {
        put("ecc.\(name).corrected", "ecc") { () throws(LibraryError) in
          try nvml.eccErrors(device, .corrected, counter)
        }
        put("ecc.\(name).uncorrected", "ecc") { () throws(LibraryError) in
          try nvml.eccErrors(device, .uncorrected, counter)
        }
      }
    }

    private mutating func pair(
      _ first: String, _ second: String, _ fact: String,
      _ ask: () throws(LibraryError) -> (Int, Int)
    ) {
      do throws(LibraryError) {
        let values = try ask()
        text.add(first, values.0)
        text.add(second, values.1)
      } catch .notSupported {
        return
      } catch {
        text.add("unknown", "\(fact) \(error)")
      }
    }
  }
}
