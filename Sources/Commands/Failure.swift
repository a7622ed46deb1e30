public import Base

extension Failure.Code {
  /// Exit status of a program that ends with it: those of sysexits.h beside 1.
  public var exitStatus: Int32 {
    switch self {
    case .failed, .notFound, .conflict, .busy: 1
    case .usage: 64
    case .notPermitted: 77
    }
  }
}
