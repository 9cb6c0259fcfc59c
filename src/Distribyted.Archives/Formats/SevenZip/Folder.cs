namespace Distribyted.Archives.Formats.SevenZip;

/// <summary>A block of the archive: packed streams, the methods they go through, and one unpacked stream that holds entries one after the other.</summary>
internal sealed class Folder
{
    /// <summary>7-Zip itself takes no more.</summary>
    private const int MaxStreams = 32;

    // What 7-Zip needs at its highest level; more is listed and not decompressed.
    private const long MaxMemory = 256 * 1024 * 1024;

    private readonly (int Input, int Output)[] _bonds;
    private readonly int[] _packed;

    private Folder(Coder[] coders, (int Input, int Output)[] bonds, int[] packed)
    {
        Coders = coders;
        _bonds = bonds;
        _packed = packed;
    }

    public Coder[] Coders { get; }

    /// <summary>How many packed streams of the archive are its.</summary>
    public int PackedStreams => _packed.Length;

    /// <summary>Bytes of each output of its coders.</summary>
    public long[] Lengths { get; private set; } = [];

    /// <summary>CRC-32 of the unpacked stream.</summary>
    public uint? Crc { get; set; }

    /// <summary>Bytes of the unpacked stream: of the output that no other coder takes.</summary>
    public long Length { get; private set; }

    /// <summary>Whether its packed bytes are its unpacked ones.</summary>
    public bool IsCopy => Coders is [{ Id: Coder.Copy, Inputs: 1, Outputs: 1 }];

    public bool IsEncrypted => Coders.Any(static coder => coder.Id == Coder.Aes);

    /// <summary>What compresses it; <c>filter</c>: nothing does, and its bytes are still not those of the entries.</summary>
    public string Method =>
        Coders.Max(static coder => coder.Memory) is > MaxMemory and var memory
            ? $"{Compression} with a dictionary of {memory >> 20} MiB"
            : Compression;

    /// <summary>Bytes of memory that decompressing it takes.</summary>
    public long Memory => Coders.Sum(static coder => coder.Memory);

    private string Compression =>
        Coders.Select(static coder => coder.Compression).FirstOrDefault(static name => name is not null)
        ?? (Coders.All(static coder => coder.Id is Coder.Copy or Coder.Aes) ? "stored" : "filter");

    public static Folder Parse(ref HeaderSpan header)
    {
        var coders = new Coder[Small(header.Number(), 1)];
        var (inputs, outputs) = (0, 0);
        for (var i = 0; i < coders.Length; i++)
        {
            coders[i] = ParseCoder(ref header);
            inputs += coders[i].Inputs;
            outputs += coders[i].Outputs;
        }

        if (inputs > MaxStreams || outputs > MaxStreams || inputs < outputs - 1)
        {
            throw SevenZipSpan.Damaged($"has a block of {inputs} inputs and {outputs} outputs");
        }

        var bonds = new (int Input, int Output)[outputs - 1];
        for (var i = 0; i < bonds.Length; i++)
        {
            bonds[i] = (Below(header.Number(), inputs), Below(header.Number(), outputs));
        }

        var packed = new int[inputs - bonds.Length];
        for (var i = 0; i < packed.Length; i++)
        {
            packed[i] = packed.Length > 1 ? Below(header.Number(), inputs) : FirstFree(bonds, inputs);
        }

        return new Folder(coders, bonds, packed);
    }

    public void ParseLengths(ref HeaderSpan header)
    {
        Lengths = new long[_bonds.Length + 1];
        for (var i = 0; i < Lengths.Length; i++)
        {
            Lengths[i] = header.Length();
        }

        Length = Lengths[MainOutput()];
    }

    /// <summary>The output that no other coder takes.</summary>
    public int MainOutput()
    {
        for (var output = 0; output <= _bonds.Length; output++)
        {
            if (!_bonds.Any(bond => bond.Output == output))
            {
                return output;
            }
        }

        throw SevenZipSpan.Damaged("has a block whose methods form a circle");
    }

    /// <summary>The output that an input takes; null: it takes a packed stream.</summary>
    public int? OutputFor(int input)
    {
        foreach (var bond in _bonds)
        {
            if (bond.Input == input)
            {
                return bond.Output;
            }
        }

        return null;
    }

    private static Coder ParseCoder(ref HeaderSpan header)
    {
        var flags = header.Byte();
        var idLength = flags & 0x0F;
        if ((flags & 0xC0) != 0 || idLength > 8)
        {
            throw SevenZipSpan.Damaged("has a method of an unknown kind");
        }

        var id = 0ul;
        foreach (var part in header.Bytes(idLength))
        {
            id = (id << 8) | part;
        }

        var isComplex = (flags & 0x10) != 0;
        var inputs = isComplex ? Small(header.Number(), 0) : 1;
        var outputs = isComplex ? Small(header.Number(), 1) : 1;
        return new Coder(id, inputs, outputs, (flags & 0x20) != 0 ? header.Bytes(header.Length()).ToArray() : []);
    }

    private static int FirstFree((int Input, int Output)[] bonds, int inputs)
    {
        for (var input = 0; input < inputs; input++)
        {
            if (!bonds.Any(bond => bond.Input == input))
            {
                return input;
            }
        }

        throw SevenZipSpan.Damaged("has a block without a packed stream");
    }

    private static int Small(ulong value, int least)
    {
        return value >= (ulong)least && value <= MaxStreams
            ? (int)value
            : throw SevenZipSpan.Damaged($"has a block of {value} methods or streams");
    }

    private static int Below(ulong value, int limit)
    {
        return value < (ulong)limit ? (int)value : throw SevenZipSpan.Damaged($"names stream {value} of {limit}");
    }
}
