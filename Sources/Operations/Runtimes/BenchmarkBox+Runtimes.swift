internal import Apply
internal import Base
package import Benchmarks
internal import Linux
internal import RuntimeCatalog
internal import Runtimes

extension BenchmarkBox {
  /// The same with the runtimes that tinyboxd hosts, and the GPUs of each by its drop-in; and with the tinygrad
  /// that `runtime install` installed.
  /// - Parameter root: another root folder for their files.
  package func withRuntimes(root: String = "") -> BenchmarkBox {
    var box = self
    let environments = RuntimeEnvironments(root: root)
    if let current = environments.target("current"), Backend.named(current)?.devices != nil,
      CallingUser.denial("\(environments.folder)/\(current)/bin/python", writing: false) == nil
    {
      box.tinygrad = current
    } else {
      box.tinygradProblem = "tinygrad is not installed: 'tinyboxctl runtime install' installs it"
    }
    do throws(Failure) {
      guard let registry = try RuntimeOperations(root: root).registry() else { return box }
      let held = try RuntimeUnits(root: root).held()
      box.jobs = (registry.jobs ?? []).map { job in
        HostedJobFacts(job, gpus: held[job.name]?.gpus ?? [])
      }
      box.runtimes = registry.instances.map { instance in
        HostedRuntimeFacts(instance, gpus: held[instance.name]?.gpus ?? [])
      }
    } catch {
      box.runtimesProblem = "\(error)"
    }
    return box
  }
}
