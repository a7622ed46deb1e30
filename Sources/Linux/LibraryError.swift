/// Why a library that is opened at run time could not be asked, or what it answered instead.
package enum LibraryError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The library is not installed or cannot be loaded: the loader's own words.
  case library(String)
  /// The library lacks a call that must be there: it is not what its name says.
  case symbol(String)
  /// The library is older than this call.
  case noCall(String)
  /// The library says that this device has no such thing.
  case notSupported(call: String)
  /// The library answered with an error.
  case status(call: String, code: Int, meaning: String)
  /// No answer within so many seconds.
  case noAnswer(seconds: Int)

  /// Why, in words.
  package var description: String {
    switch self {
    case .library(let why), .symbol(let why): why
    case .noCall(let call): "the library has no \(call)"
    case .notSupported(let call): "\(call): not supported"
    case .status(let call, let code, let meaning): "\(call): \(meaning) (\(code))"
    case .noAnswer(let seconds): "no answer within \(seconds) s"
    }
  }
}
