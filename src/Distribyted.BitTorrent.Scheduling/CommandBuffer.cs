namespace Distribyted.BitTorrent.Scheduling;

/// <summary>Commands of one run, in the order in which they must be carried out. Grows once, then is reused: clear it before each run.</summary>
public sealed class CommandBuffer
{
    private Command[] _commands = new Command[64];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>All of them; valid until the next change.</summary>
    public ReadOnlySpan<Command> Span => _commands.AsSpan(0, Count);

    /// <summary>One of them.</summary>
    public ref readonly Command this[int index] => ref Span[index];

    /// <summary>Forgets all; keeps the memory.</summary>
    public void Clear()
    {
        Count = 0;
    }

    /// <summary>Adds one. A block that continues the last command of the same kind, peer and piece lengthens it instead.</summary>
    public void Add(in Command command)
    {
        if (Count > 0 && command.Kind is CommandKind.Request or CommandKind.Cancel)
        {
            ref var last = ref _commands[Count - 1];
            if (
                last.Kind == command.Kind
                && last.Peer == command.Peer
                && last.Piece == command.Piece
                && last.First + last.Count == command.First
            )
            {
                last = last with { Count = (ushort)(last.Count + command.Count) };
                return;
            }
        }

        if (Count == _commands.Length)
        {
            Array.Resize(ref _commands, Count * 2);
        }

        _commands[Count++] = command;
    }
}
