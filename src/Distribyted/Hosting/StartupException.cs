namespace Distribyted.Hosting;

/// <summary>Something that was found only when starting: a port in use, a folder that cannot be made. The message names the key and says what to do.</summary>
internal sealed class StartupException(string message, Exception? inner = null) : Exception(message, inner);
