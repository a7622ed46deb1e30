internal import KernelTree
internal import Vendor

/// The answer of the `statvfs/MOUNTPOINT` probe: `free BYTES` and `total BYTES`, a line each.
enum SpaceAnswer {
  /// The probe's name: one path component, as mount points lie inside each other.
  static func probeName(_ point: String) -> String {
    var name = "statvfs/"
    for scalar in point.unicodeScalars {
      switch scalar {
      case "/": name += "%2F"
      case "%": name += "%25"
      default: name.unicodeScalars.append(scalar)
      }
    }
    return name
  }

  /// Asks the kernel.
  static func ask(_ point: String) throws(ReadFailure) -> [UInt8] {
    do throws(CallFailure) {
      let space = try FileSystem.space(point)
      return Array("free \(space.free)\ntotal \(space.total)\n".utf8)
    } catch {
      throw ReadFailure(path: point, errno: error.errno)
    }
  }

  /// Free bytes.
  static func free(_ text: [UInt8]) -> Int? {
    ASCII.keyValues(text)["free"].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
  }
}
