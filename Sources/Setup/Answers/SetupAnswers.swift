package import Configuration

/// What the owner wants of the first boot: `/etc/tinybox/setup.toml`, or the credential `tinybox.setup`.
package struct SetupAnswers: Hashable, Sendable {
  /// `host-name`.
  package var hostName: Setting<String>?
  /// `profile`: what the box should have.
  package var profile: Setting<String>?
  /// `[check]`.
  package var check = Check()
  /// `[network]`.
  package var network = Network()
  /// `[ssh]`.
  package var ssh = SSH()
  /// `[storage]`.
  package var storage = Storage()
  /// `[driver]`.
  package var driver = Driver()
  /// `[runtime]`.
  package var runtime = Runtime()
  /// `[model]`.
  package var model = Model()
  /// `[baseline]`.
  package var baseline = Baseline()
  /// `[power.ADDRESS]`.
  package var power: [Power] = []

  /// Nothing is asked for.
  package init() {}

  /// `[check]`: what the box must have before anything is changed.
  package struct Check: Hashable, Sendable {
    /// `gpus`: how many GPUs there must be; nil for at least one.
    package var gpus: Setting<Int>?
    /// `accept`: ids of checks that may fail.
    package var accept: [Setting<String>] = []
  }

  /// `[network]`.
  package struct Network: Hashable, Sendable {
    /// `required`: set-up stops without a network also where nothing is fetched.
    package var required: Setting<Bool>?
    /// `names`: names that must have an address.
    package var names: [Setting<String>] = []
  }

  /// `[ssh]`.
  package struct SSH: Hashable, Sendable {
    /// `keys`: public keys that may log in as root.
    package var keys: [Setting<String>] = []
    /// `console-only`: it is right that nobody can log in over the network.
    package var consoleOnly: Setting<Bool>?
  }

  /// `[storage]`: drives for models and data.
  package struct Storage: Hashable, Sendable {
    /// `drives`: serial numbers or WWIDs.
    package var drives: [Setting<String>] = []
    /// `layout`.
    package var layout: Setting<Layout>?
    /// `file-system`.
    package var fileSystem: Setting<FileSystem>?
    /// `mount`: where it is mounted.
    package var mount: Setting<String>?
    /// `erase`: serial numbers or WWIDs of drives that may be erased whatever they hold.
    package var erase: [Setting<String>] = []

    /// How drives are put together.
    package enum Layout: String, CaseIterable, Hashable, Sendable { case plain, mirror, raid0 }
    /// What is made on them.
    package enum FileSystem: String, CaseIterable, Hashable, Sendable { case ext4, xfs }
    /// The most drives.
    package static let mostDrives = 16
  }

  /// `[driver]`.
  package struct Driver: Hashable, Sendable {
    /// `missing`: what happens where a GPU has no driver.
    package var missing: Setting<Missing>?

    /// What happens where a GPU has no driver.
    package enum Missing: String, CaseIterable, Hashable, Sendable { case stop, report }
  }

  /// `[runtime]`.
  package struct Runtime: Hashable, Sendable {
    /// `install`; nil for where a model is given.
    package var install: Setting<Bool>?
    /// `wheels`: a folder in place of PyPI.
    package var wheels: Setting<String>?
  }

  /// `[model]`.
  package struct Model: Hashable, Sendable {
    /// `source`: a file, an https address, or hf:OWNER/REPO/FILE.
    package var source: Setting<String>?
    /// `name`.
    package var name: Setting<String>?
    /// `sha256`.
    package var sha256: Setting<String>?
    /// `runtime`: the name of the runtime that answers for it.
    package var runtime: Setting<String>?
    /// `gpus`: how many GPUs it has.
    package var gpus: Setting<Int>?
    /// `context`, tokens.
    package var context: Setting<Int>?
    /// `on-demand`.
    package var onDemand: Setting<Bool>?
  }

  /// `[baseline]`.
  package struct Baseline: Hashable, Sendable {
    /// `run`.
    package var run: Setting<Run>?
    /// `full`: everything is measured too, in the first idle night, and every week from then on.
    package var full: Setting<Bool>?

    /// What is measured.
    package enum Run: String, CaseIterable, Hashable, Sendable { case quick, none }
  }

  /// `[power.ADDRESS]`, or `[power.all]`.
  package struct Power: Hashable, Sendable {
    /// PCI address of the GPU, or `all`.
    package var address: String
    /// Where the table stands.
    package var position: ConfigurationPosition
    /// `watts`.
    package var watts: Setting<Int>?
    /// `persistence`.
    package var persistence: Setting<Bool>?

    /// The name that stands for every GPU.
    package static let all = "all"
  }
}
