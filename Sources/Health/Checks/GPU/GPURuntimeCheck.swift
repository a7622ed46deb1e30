internal import Base
internal import Inventory

/// Whether AMD's runtime knows every GPU that its kernel driver drives.
enum GPURuntimeCheck: Check {
  static let info = CheckInfo(
    id: "gpu-runtime",
    title: "GPUs listed by the HSA runtime",
    area: .gpu,
    harm: .largeLoss,
    why: """
      The HSA runtime ignores a GPU that is newer than itself, without a message: programs see \
      fewer GPUs. The runtime in a distribution is often years older than the card. The kernel's \
      list (KFD) shows what should be there.
      """,
    reads: [
      "gpus[ADDRESS].kfd (/sys/class/kfd/kfd/topology)",
      "gpus[ADDRESS].hsa (libhsa-runtime64.so.1)",
    ],
    verdicts: [
      .pass: "the runtime lists the GPU",
      .warn: "it lists others or none, and not this one",
      .notApplicable: "KFD does not drive it, or no runtime is installed",
      .unknown: "the runtime could not be asked",
    ],
    fix: "A newer ROCm: 5.3 or later for gfx1100, 6.2 or later for gfx1201.",
    risk: "Programs built for the older runtime may have to be built again.",
    sources: [
      "ROCR-Runtime: core/runtime/isa.cpp: gfx1100 from rocm-5.3.0, gfx1201 from rocm-6.2.0",
      "ROCR-Runtime: core/runtime/amd_topology.cpp: GPUs of unknown targets are passed over",
    ],
    needs: [.pci, .gpus])

  /// First ROCm release whose runtime knows a target.
  private static let firstRelease = ["gfx1100": "5.3", "gfx1201": "6.2"]

  static func evaluate(_ box: Box) -> [Finding] { eachGPU(box) { judge(box, $0) } }

  private static func judge(_ box: Box, _ gpu: GPU) -> Finding {
    let subject = box.subject(gpu.address)
    guard let kfd = gpu.kfd else { return notApplicable("KFD does not drive it", subject) }
    let library = "libhsa-runtime64.so.1"
    let topology = "/sys/class/kfd/kfd/topology/nodes/\(kfd.node)"
    let driven = Evidence("gpus[\(gpu.address)].kfd", "node \(kfd.node)", path: topology)
    if let agent = gpu.hsa {
      return pass(
        agent.name, subject,
        evidence: [driven, Evidence("gpus[\(gpu.address)].hsa", agent.name, path: library)])
    }
    if let note = gpu.unknown.first(where: { $0.fact == "hsa" }) {
      let target = gpu.target ?? "this GPU"
      let release = gpu.target.flatMap { firstRelease[$0] }
      let missing = Evidence(
        missing: "gpus[\(gpu.address)].hsa", path: note.path, reason: note.reason)
      return warn(
        "the HSA runtime does not list it", subject, evidence: [driven, missing],
        consequence: "programs that use ROCm do not see it",
        advice: [
          Advice(
            release.map { "install ROCm \($0) or later, the first that knows \(target)" }
              ?? "install a ROCm release that knows \(target)",
            commands: ["rocminfo | grep gfx"],
            risk: "programs built for the older runtime may have to be built again"),
          Advice("unset ROCR_VISIBLE_DEVICES, which hides GPUs from the runtime"),
        ])
    }
    let notes = box.inventory.collectors.first { $0.name == "GPU" }?.note ?? ""
    if let reason = notes.split(separator: ";").map({ String($0) }).first(where: {
      $0.contains("HSA:")
    }), !reason.contains("cannot open shared object file") {
      return unknown(
        "the HSA runtime did not answer", subject,
        evidence: [
          driven,
          Evidence(missing: "gpus[\(gpu.address)].hsa", path: library, reason: reason),
        ])
    }
    return notApplicable("no HSA runtime was asked", subject, evidence: [driven])
  }
}
