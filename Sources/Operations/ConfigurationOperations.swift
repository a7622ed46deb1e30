package import Base
package import Configuration
internal import KernelTree
internal import Placement

/// The files in `/etc/tinybox`: what they set, and what is wrong with them.
package enum ConfigurationOperations {
  /// Every key that there is, for the reference.
  package static let keys: [KeyReference] =
    ServiceSettings.keys.map(\.reference) + [Policy.section.reference]

  /// The value in force of each key, and where it was set.
  /// - Parameter file: one of this machine in place of those of the reader's.
  /// - Throws: `Failure` with everything that is wrong in the files.
  package static func effective(
    _ reader: MachineReader, file: String? = nil
  ) throws(Failure) -> [EffectiveSetting] {
    let tree = file == nil ? try reader.tree() : .live
    do throws(ConfigurationFailure) {
      return EffectiveSetting.all(try PolicyFiles.table(tree, file: file), keys)
    } catch {
      throw PlacementOperations.unusable(error.problems, step: "use the configuration")
    }
  }

  /// Everything that is wrong in the files, and what of them does not fit the machine.
  /// - Parameter file: one of this machine in place of those of the reader's.
  package static func problems(
    _ reader: MachineReader, file: String? = nil
  ) throws(Failure) -> [ConfigurationProblem] {
    let tree = try reader.tree()
    let policy: Policy
    do throws(ConfigurationFailure) {
      if let file {
        policy = try PolicyFiles.read(file: file, .live)
      } else {
        policy = try PolicyFiles.read(tree)
      }
    } catch {
      return error.problems
    }
    return policy.problems(on: try PlacementOperations(reader).inventory(tree))
  }
}
