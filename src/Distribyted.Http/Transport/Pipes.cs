using System.IO.Pipelines;

namespace Distribyted.Http.Transport;

/// <summary>The two directions of a connection.</summary>
internal sealed class Pipes(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
