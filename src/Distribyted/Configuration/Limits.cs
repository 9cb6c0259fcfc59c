namespace Distribyted.Configuration;

/// <summary>Which numbers a key takes, in the unit of the key, and what single numbers outside of the range mean.</summary>
internal sealed record Limits(double Lowest, double Highest)
{
    /// <summary>What 0 means; null: 0 is an ordinary number, taken if it is in the range.</summary>
    public string? Zero { get; init; }

    /// <summary>What -1 means; null: it is not taken.</summary>
    public string? MinusOne { get; init; }

    public bool ZeroIsDefault => Zero == "the default";

    public bool Takes(double value)
    {
        return (value >= Lowest && value <= Highest) || (value == 0 && Zero is not null) || (value == -1 && MinusOne is not null);
    }

    /// <summary>"Use 64 to 1048576, 0 for the default, -1 for no limit."</summary>
    public override string ToString()
    {
        var zero = Zero is null ? "" : $", 0 for {Zero}";
        var minusOne = MinusOne is null ? "" : $", -1 for {MinusOne}";
        return $"Use {Lowest:0.##} to {Highest:0.##}{zero}{minusOne}.";
    }
}
